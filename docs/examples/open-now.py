import json
from urllib.request import urlopen

page = "http://127.0.0.1:8000/api/v1/channels?kind=desk&pageSize=100"
lines = []
while page:
    with urlopen(page) as answer:
        found = json.load(answer)
    for desk in found["items"]:
        if desk["status"]["state"] == "open":
            lines.append(f"{desk['label']}: {desk['status']['sentence']}")
    page = found.get("next")
print("\n".join(lines) or "No desk is open now.")
