let page = "http://127.0.0.1:8000/api/v1/channels?kind=desk&pageSize=100";
const lines = [];
while (page) {
  const found = await (await fetch(page)).json();
  for (const desk of found.items) {
    if (desk.status.state === "open") lines.push(`${desk.label}: ${desk.status.sentence}`);
  }
  page = found.next;
}
console.log(lines.join("\n") || "No desk is open now.");
