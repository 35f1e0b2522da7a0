"""Portal as in production: on a socket that outlives its processes, behind nginx configured by `deploy/`."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

from django.conf import settings

NAME = "www.example.be"
LONGEST_START = 300
# Socket passing as in systemd: the third descriptor, and the id of the process that it is for.
PASS_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Portal:
    """Processes of the site on a Unix socket; they can be stopped and restarted while the socket stays open."""

    def __init__(self, folder, code=settings.BASE_DIR, **environment):
        self.folder, self.code = folder, code
        self.var = folder / "var"
        self.var.mkdir(mode=0o700, exist_ok=True)
        self.log = folder / "portal.log"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(folder / "pzgent.sock"))
        self.socket.listen(4096)
        self.environment = {
            **os.environ, "SECRET_KEY": settings.SECRET_KEY, "BASE_URL": f"https://{NAME}", "VAR_DIR": str(self.var),
            "PAGES_FOLDER": "", "DEBUG": "", "WORKERS": "2", "COPIES_AHEAD": "0", "LOG_FORMAT": "json",
            "API_REQUESTS_PER_MINUTE": "0", **environment,
        }  # fmt: skip
        self.process = None

    def start(self):
        number = self.socket.fileno()
        server = [sys.executable, self.code / "deploy" / "serve.py"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PASS_SOCKET, str(number), *server],
                env=self.environment,
                pass_fds=[number],
                stdout=log,
                stderr=log,
            )

    def workers(self):
        """Return the ids of the worker processes."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True)
        return [int(number) for number in found.stdout.split()]

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.process = None

    def close(self):
        """Stop everything, including the socket."""
        self.stop()
        self.socket.close()


@contextmanager
def nginx(portal):
    """Yield the port of nginx in front of a portal; stop it afterwards."""
    home = portal.folder / "nginx"
    home.mkdir()
    port, plain = free_port(), free_port()
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject,
         "-keyout", home / "privkey.pem", "-out", home / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    temporary = "\n".join(
        f"{name}_temp_path {home / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    changes = {
        "user pzgent;": "user root;\ndaemon off;" if os.geteuid() == 0 else "daemon off;",
        "error_log stderr": f"error_log {home / 'error.log'}",
        "pid /run/nginx.pid;": f"pid {home / 'pid'};",
        "http {\n": f"http {{\n{temporary}\n",
        "/etc/pzgent/tls": str(home),
        "/run/pzgent.sock": str(portal.folder / "pzgent.sock"),
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen [::]": "# listen",
        "include /srv/pzgent/current/deploy/nginx-locations.conf;": f"include {home}/locations.conf;",
    }
    (home / "nginx.conf").write_text(_replaced("nginx.conf", changes))
    places = {"/srv/pzgent/current": str(settings.BASE_DIR), "/var/lib/pzgent": str(portal.var)}
    (home / "locations.conf").write_text(_replaced("nginx-locations.conf", places))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    server = subprocess.Popen([program, "-p", home, "-c", home / "nginx.conf", "-e", home / "error.log"])
    try:
        wait_for_port(port, server, home / "error.log")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _replaced(name, changes):
    text = (settings.BASE_DIR / "deploy" / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{name} does not say “{old}” any more"
        text = text.replace(old, new)
    return text


def wait_for_port(port, server, log):
    last = time.monotonic() + 30
    while time.monotonic() < last and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nginx did not start: {log.read_text()}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# The certificate is self-signed.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


class Connection(http.client.HTTPSConnection):
    """Connection to the site by its name, from an address of this machine."""

    def __init__(self, port, source="127.0.0.1", timeout=30):
        super().__init__(NAME, timeout=timeout)
        self.port_of_nginx, self.source = port, source

    def connect(self):
        plain = socket.create_connection(
            ("127.0.0.1", self.port_of_nginx), timeout=self.timeout, source_address=(self.source, 0)
        )
        self.sock = UNVERIFIED.wrap_socket(plain, server_hostname=NAME)

    def get(self, path, method="GET", **headers):
        """Return the status, the headers and the text of a response."""
        self.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")


def get(port, path, source="127.0.0.1", **headers):
    """Send one request over a separate connection."""
    connection = Connection(port, source)
    try:
        return connection.get(path, **headers)
    finally:
        connection.close()


def wait_until_ready(port, portal):
    """Wait until the site responds through nginx; raises AssertionError if it never does."""
    last = time.monotonic() + LONGEST_START
    while time.monotonic() < last and portal.process.poll() is None:
        with suppress(OSError):
            if get(port, "/readyz")[0] == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"the site did not start: {portal.log.read_text()}")
