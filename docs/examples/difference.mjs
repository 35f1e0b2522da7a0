let page = "http://127.0.0.1:8000/api/v1/organogramChanges?from=2021-05-01&to=2021-10-01";
while (page) {
  const found = await (await fetch(page)).json();
  for (const change of found.items) console.log(change.kind, change.unit.name, change.after ?? "");
  page = found.next;
}
