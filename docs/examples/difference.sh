curl -s "http://127.0.0.1:8000/api/v1/organogramChanges?from=2021-05-01&to=2021-10-01"
