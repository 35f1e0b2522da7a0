import json
from urllib.request import urlopen

with urlopen("http://127.0.0.1:8000/api/v1/organogram") as answer:
    organogram = json.load(answer)


def show(unit, level=0):
    print("  " * level + unit["name"])
    for part in unit.get("children", []):
        show(part, level + 1)


show(organogram["root"])
