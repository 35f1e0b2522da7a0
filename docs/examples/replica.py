"""Keeps an exact copy of the open data in a file; needs nothing but Python.

    python replica.py http://127.0.0.1:8000 copy.json                # bring the copy up to date once
    python replica.py http://127.0.0.1:8000 copy.json --every 60     # and keep it so, with one small request a minute

The file holds `feed` and `last`, the identity of the feed and the number of the last change, and `items`: every item of
every collection by its id. It is written anew after each page of changes and swapped in as a whole, so the program may
stop or lose its connection at any moment. When the site says 410, its data were restored or reset: the copy begins
again.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request


def empty_copy():
    """A copy that holds nothing yet, of whatever feed."""
    return {"feed": "", "last": 0, "items": {}}


def read_copy(path):
    """The copy so far; an empty one when there is no file yet."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return empty_copy()


def write_copy(path, copy):
    """Put the copy in the place of the old one, whole or not at all."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False)
    os.replace(f"{path}.new", path)


def apply(copy, change):
    """Make one change in the copy. Making it twice does no harm."""
    items = copy["items"].setdefault(change["collection"], {})
    if change["action"] == "delete":
        items.pop(change["id"], None)
    else:
        items[change["id"]] = change["item"]


def follow(site, path):
    """Bring the copy up to date; returns how many changes there were."""
    copy, count = read_copy(path), 0
    address = f"{site}/api/v1/changes?after={copy['last']}&pageSize=100"
    if copy.get("feed"):
        address += f"&feed={copy['feed']}"
    while address:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                page = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 410:
                raise
            write_copy(path, empty_copy())
            return follow(site, path)
        for change in page["items"]:
            apply(copy, change)
        copy["feed"], copy["last"] = page["feed"], page["last"]
        write_copy(path, copy)
        count, address = count + len(page["items"]), page.get("next")
    return count


if __name__ == "__main__":
    site, path, every = sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[4:5]
    while True:
        try:
            print(follow(site, path), "changes", flush=True)
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            print("try again later:", error, file=sys.stderr, flush=True)
        if not every:
            break
        time.sleep(float(every[0]))
