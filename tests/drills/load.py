"""Many clients that ask the site without pause: `python tests/drills/load.py PORT` prints what they got.

They stop when its input ends. Each has an address of its own. One of ten makes a new connection for each request.
"""

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests import front

PATHS = ("/", "/contact", "/fr/contact", "/organogram", "/zoeken?q=fiets", "/api/v1/units", "/robots.txt")
CLIENTS = 16


class Load:
    """Asks from the `with` on until its end."""

    def __init__(self, port):
        self.port = port
        self.statuses, self.longest, self.errors = Counter(), 0.0, []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_error):
        time.sleep(1)
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number):
        connection = None
        while not self._end.is_set():
            for path in PATHS:
                if connection is None or number % 10 == 0:
                    if connection is not None:
                        connection.close()
                    connection = front.Connection(self.port, f"127.0.2.{number + 1}")
                begun = time.monotonic()
                try:
                    self.statuses[connection.get(path)[0]] += 1
                except Exception as error:  # noqa: BLE001  # each is a request that got no answer
                    self.errors.append(f"{path}: {error!r}")
                    connection = None
                self.longest = max(self.longest, time.monotonic() - begun)
        if connection is not None:
            connection.close()

    def told(self):
        """In one line."""
        return f"{dict(self.statuses)}, no answer: {len(self.errors)}, longest {self.longest:.2f} s"


if __name__ == "__main__":
    with Load(int(sys.argv[1])) as load:
        sys.stdin.read()
    print(json.dumps({"statuses": load.statuses, "errors": load.errors, "longest": load.longest}))
