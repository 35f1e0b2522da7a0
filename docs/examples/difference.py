import json
from urllib.request import urlopen

page = "http://127.0.0.1:8000/api/v1/organogramChanges?from=2021-05-01&to=2021-10-01"
while page:
    with urlopen(page) as answer:
        found = json.load(answer)
    for change in found["items"]:
        print(change["kind"], change["unit"]["name"], change.get("after", ""))
    page = found.get("next")
