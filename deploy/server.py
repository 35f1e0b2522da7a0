"""The production server: on a socket held by systemd, or on a local port.

On a socket, requests wait while processes are replaced. A reload (SIGHUP) first starts workers with the code that the
link `current` then points to, and only then stops the old ones: each worker imports the code itself. On a port, the
workers share the memory of the modules imported before the fork.
"""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian
from granian._granian import SocketHolder

FIRST_PASSED = 3  # the file descriptor of the first socket that systemd passes
# Not resolved: after an upgrade the link points to another release.
ROOT = Path(__file__).absolute().parent.parent
OPTIONS: dict[str, Any] = {
    "interface": "wsgi",
    "blocking_threads": 4,
    "websockets": False,
    "log_level": "warning",
    "respawn_failed_workers": True,
    "workers_kill_timeout": 30,
}


class SocketServer(Granian):
    """Granian on an inherited listening socket that it leaves open at exit; Granian itself has no option for that."""

    def _init_shared_socket(self) -> None:
        self._sso = socket.socket(fileno=FIRST_PASSED)
        self._sso.set_inheritable(True)
        self._ssp, self._sfd = None, FIRST_PASSED
        self._shd = SocketHolder(FIRST_PASSED, True, self.backlog)


def load_application() -> Callable[..., Any]:
    """Return the application of the release that `current` points to now."""
    os.chdir(ROOT)
    sys.path.insert(0, str(Path.cwd()))
    from pzgent.wsgi import application

    return application


def main() -> None:
    """Serve on the port given as `--port PORT`, or else on the socket of systemd."""
    workers = int(os.environ.get("WORKERS") or "2")
    if "--port" in sys.argv:
        port = int(sys.argv[sys.argv.index("--port") + 1])
        server = Granian("pzgent.wsgi:application", "127.0.0.1", port, workers=workers, **OPTIONS)
        load_application()
    else:
        server = SocketServer("pzgent.wsgi:application", workers=workers, **OPTIONS)
    server.serve(target_loader=load_application, wrap_loader=False)


if __name__ == "__main__":
    main()
