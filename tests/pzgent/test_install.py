"""Every command of `docs/operations.md`, in its order, on a bare Debian with its own systemd; `make drill` asks.

The Debian is a folder made by debootstrap. systemd runs there in namespaces of its own: other processes, mounts,
control groups and network. Commands that install packages use the network of this machine, all others its own.
"""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.front import NAME

pytestmark = pytest.mark.drill
MANUAL = settings.BASE_DIR / "docs" / "operations.md"
BLOCK = re.compile(r"^```sh (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(MANUAL.read_text())
REPOSITORY = "/srv/repository.git"
NEEDS_INTERNET = {"install", "upgrade"}
SUITE = "bookworm"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
GROUPS = Path("/sys/fs/cgroup")
BOOT = """
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t sysfs sysfs "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/run"
mount -t tmpfs tmpfs "$ROOT/tmp"
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
else
    mount -t tmpfs tmpfs "$ROOT/sys/fs/cgroup"
    mkdir "$ROOT/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$ROOT/sys/fs/cgroup/systemd"
fi
touch "$ROOT/dev/console"
mount --bind "$CONSOLE" "$ROOT/dev/console"
ip link set lo up
container=other exec chroot "$ROOT" /lib/systemd/systemd --system --log-target=console
"""


class Machine:
    """A Debian that runs beside this one."""

    def __init__(self, folder):
        self.root, self.console = folder / "root", folder / "console"
        self.values = {}
        self.boots = None

    def make(self):
        """What the installer of Debian leaves on a disk, and nothing more."""
        include = "--include=systemd,systemd-sysv,dbus"
        run("debootstrap", "--variant=minbase", include, SUITE, self.root)
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")

    def boot(self):
        """Start its systemd; the groups of its processes are below one of our own."""
        self.console.touch()
        top = GROUPS if (GROUPS / "cgroup.controllers").exists() else GROUPS / "systemd"
        self.group = top / f"drill-{os.getpid()}"
        self.group.mkdir()
        spaces = "--mount --pid --fork --kill-child --uts --ipc --cgroup --net"
        enter = f'echo $$ > "{self.group}/cgroup.procs"; exec unshare {spaces} sh -c "$BOOT"'
        environment = {**os.environ, "ROOT": str(self.root), "CONSOLE": str(self.console), "BOOT": BOOT}
        self.boots = subprocess.Popen(["sh", "-c", enter], env=environment)
        self.wait_for("systemctl is-system-running | grep -E 'running|degraded'", 60)

    @property
    def first_process(self):
        """The number of its systemd, as this machine counts."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.boots.pid)], capture_output=True, text=True
        ).stdout.split()
        return found[0] if found else ""

    def command(self, script, has_internet=False):
        """The arguments that run a script there, as root."""
        spaces = ["-m", "-p", "-u", "-i", "-C", *([] if has_internet else ["-n"])]
        return [
            "nsenter", "-t", self.first_process, *spaces, "chroot", str(self.root), "env", "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive", f"PIP_CERT=/{CERTIFICATES}", *proxies(),
            "bash", "-euo", "pipefail", "-c", script,
        ]  # fmt: skip

    def run(self, script, has_internet=False, is_checked=True):
        """What a script prints; raises AssertionError when it fails."""
        done = subprocess.run(self.command(script, has_internet), capture_output=True, text=True)
        assert not is_checked or done.returncode == 0, f"{script}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def run_block(self, label, script):
        """A block of the manual, with the values of the blocks before it."""
        known = "".join(f"{name}={value}\n" for name, value in self.values.items())
        output = self.run(
            known + script, has_internet=label in NEEDS_INTERNET, is_checked=label not in ("look", "fault")
        )
        self.values |= dict(re.findall(r"^([A-Z]+)=(.*)$", script, re.MULTILINE))
        return output

    def wait_for(self, script, seconds):
        last = time.monotonic() + seconds
        while True:
            if self.first_process:
                done = subprocess.run(self.command(script), capture_output=True, text=True)
                if done.returncode == 0:
                    return
            assert time.monotonic() < last, f"{script}: {self.console.read_text()[-3000:]}"
            time.sleep(0.5)

    def is_ready(self, seconds=180):
        self.wait_for(f"{CURL}/readyz", seconds)

    def answer(self, questions):
        """Run a script in a terminal and answer what it asks."""
        script, answers = questions
        child, terminal = pty.fork()
        if not child:
            os.execvp("nsenter", self.command(script))  # noqa: S606  # our own command
        said = b""
        for sign, text in answers:
            while sign not in said and select.select([terminal], [], [], 60)[0]:
                said += os.read(terminal, 1000)
            assert sign in said, said
            said = b""
            os.write(terminal, text)
        return os.waitpid(child, 0)[1]

    def stop(self):
        if self.boots is None:
            return
        if process := self.first_process:
            os.kill(int(process), 9)  # ends all others of its namespace
        self.boots.wait(timeout=30)
        time.sleep(2)
        for folder in sorted(self.group.rglob("*/"), reverse=True):
            if folder.is_dir():
                folder.rmdir()
        self.group.rmdir()


CURL = f"curl --silent --show-error --insecure --fail --max-time 20 --resolve {NAME}:443:127.0.0.1 https://{NAME}"


def proxies():
    return [f"{name}={value}" for name, value in os.environ.items() if name.lower().endswith("_proxy")]


def run(*command, folder=None):
    subprocess.run([str(part) for part in command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    needed = [name for name in ("debootstrap", "unshare", "nsenter", "ip", "git") if not shutil.which(name)]
    if os.geteuid() or needed:
        pytest.skip(f"needs root, and these programs: {', '.join(needed) or 'all are here'}")
    made = Machine(tmp_path_factory.mktemp("debian"))
    try:
        made.make()
        run("git", "clone", "--quiet", "--bare", settings.BASE_DIR, made.root / REPOSITORY.lstrip("/"))
        made.boot()
        yield made
    finally:
        made.stop()


def blocks(*labels):
    return [(label, script) for label, script in BLOCKS if label in labels]


def new_release(machine, folder):
    """Commit a release that adds a column and says so: what an upgrade brings."""
    run("git", "clone", "--quiet", machine.root / REPOSITORY.lstrip("/"), folder)
    project = folder / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    views = folder / "pzgent" / "pages" / "views.py"
    views.write_text(views.read_text().replace("User-agent: *", "# 1.1.0\\nUser-agent: *"))
    newest = max((folder / "pzgent" / "migrations").glob("0*.py")).stem
    (folder / "pzgent" / "migrations" / "9999_of_a_drill.py").write_text(
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        f'    dependencies = [("pzgent", "{newest}")]\n'
        '    operations = [migrations.CreateModel("Drilled", [("id", models.BigAutoField(primary_key=True))])]\n'
    )
    author = ["-c", "user.name=drill", "-c", "user.email=drill@localhost"]
    run("git", "add", "-A", folder=folder)
    run("git", *author, "commit", "--quiet", "-m", "Release 1.1.0", folder=folder)
    run("git", "push", "--quiet", "origin", "HEAD", folder=folder)


def under_load(machine, action):
    """What visitors got while something was done, and for ten seconds after it: workers are replaced one by one."""
    program = [sys.executable, settings.BASE_DIR / "tests" / "drills" / "load.py", "443"]
    command = ["nsenter", "-t", machine.first_process, "-n", *program]
    load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(3)
    action()
    time.sleep(10)
    told = json.loads(load.communicate("", timeout=120)[0])
    print(told["statuses"], f"longest {told['longest']:.2f} s", told["errors"][:3])
    return told


def timed(what, action):
    begun = time.monotonic()
    result = action()
    print(f"{what}: {time.monotonic() - begun:.1f} s")
    return result


@pytest.mark.timeout(3_000)
def test_a_stranger_installs_operates_and_upgrades_the_site(machine, tmp_path):
    for label, script in blocks("name"):
        machine.run_block(label, script)
    machine.values["REPOSITORY"] = REPOSITORY
    own = (Path("/") / CERTIFICATES).read_text()
    for label, script in blocks("install"):
        machine.run(f"mkdir -p /{Path(CERTIFICATES).parent} /usr/local/share/ca-certificates")
        (machine.root / CERTIFICATES).write_text(own)
        # Authorities that only this machine trusts, as a proxy of a company has.
        for path in Path("/usr/local/share/ca-certificates").glob("*.crt"):
            shutil.copy(path, machine.root / "usr/local/share/ca-certificates")
        timed("install", lambda script=script, label=label: machine.run_block(label, script))
    # A server of this machine has the usual port, in whose network the packages were installed.
    machine.run(
        "sed -i 's/^port = .*/port = 5432/' /etc/postgresql/*/main/postgresql.conf; systemctl restart postgresql"
    )
    for label in ("database", "settings"):
        for _label, script in blocks(label):
            machine.run_block(label, script)
    timed("start", lambda: [machine.run_block(label, script) for label, script in blocks("start")])
    [(_label, script)] = blocks("ask")
    password = b"een lange zin over fietsen 2026\n"
    answers = [(b"naam", b"beheer\n"), (b"mail", b"\n"), (b"Password:", password), (b"again", password)]
    assert machine.answer((script, answers)) == 0
    assert "Contact" in machine.run(f"{CURL}/contact")
    machine.run(f"{CURL}/static/$(cd /var/lib/pzgent/static && ls css/site.*.css)")
    found = {row["subject"]: row for row in json.loads(machine.run("pzgent doctor --json", is_checked=False))}
    wrong = {subject: row["sentence"] for subject, row in found.items() if not row["is_well"]}
    assert wrong.keys() <= {"copies"}, wrong
    for label, script in blocks("look"):
        machine.run_block(label, script)
    machine.run("systemctl start pzgent-daily", is_checked=False)  # the doctor may still miss copies
    daily = machine.run("journalctl --no-pager --output=cat --unit=pzgent-daily")
    assert [word for word in ("Written: ", "Sound: ", "well  database") if word not in daily] == [], daily

    [(label, script)] = blocks("reload")
    told = under_load(machine, lambda: machine.run_block(label, script))
    assert (told["statuses"].keys(), told["errors"]) == ({"200"}, [])

    for label, script in blocks("backup"):
        machine.run_block(label, script)
    machine.run("runuser -u postgres -- psql -q -d pzgent -c 'DELETE FROM contact_weeklyslot'")
    for label, script in blocks("restore"):
        timed("restore", lambda label=label, script=script: machine.run_block(label, script))
    machine.is_ready()
    assert (
        machine.run(
            "runuser -u postgres -- psql -At -d pzgent -c 'SELECT count(*) > 0 FROM contact_weeklyslot'"
        )
        == "t\n"
    )

    machine.run("systemctl stop postgresql")
    time.sleep(3)
    for path in ("/contact", "/readyz", "/api/v1/units"):
        machine.run(f"{CURL}{path}")
    assert "The database does not answer" in machine.run("pzgent doctor", is_checked=False)
    for label, script in blocks("fault", "room"):
        machine.run_block(label, script)
    machine.wait_for(f"{CURL}/api/v1/health", 60)

    new_release(machine, tmp_path / "new")
    upgrade = [lambda s=script: machine.run_block("upgrade", s) for _label, script in blocks("upgrade")]
    told = under_load(machine, lambda: timed("upgrade", lambda: [step() for step in upgrade]))
    assert (told["statuses"].keys(), told["errors"]) == ({"200"}, [])
    machine.wait_for(f"{CURL}/robots.txt | grep 1.1.0", 60)

    for label, script in blocks("downgrade"):
        machine.run_block(label, script)
    machine.is_ready()
    assert "1.1.0" not in machine.run(f"{CURL}/robots.txt")
    assert machine.run("runuser -u postgres -- psql -At -d pzgent -c '\\dt pzgent_drilled'") == ""

    machine.run("systemctl stop pzgent.socket pzgent.service")
    machine.run(
        "sed -i 's|^DATABASE_URL=.*|DATABASE_URL=sqlite:////var/lib/pzgent/db.sqlite3|' /etc/pzgent/environment"
    )
    machine.run(
        "runuser -u postgres -- dropdb pzgent; pzgent prepare; systemctl start pzgent.socket pzgent.service"
    )
    machine.is_ready()
    machine.run("pzgent backup; truncate --size=5000 /var/lib/pzgent/db.sqlite3")
    for label, script in blocks("damaged"):
        machine.run_block(label, script)
    machine.is_ready()
    machine.run("pzgent check_tree")
    machine.run(blocks("database")[0][1].splitlines()[1])
    for label, script in blocks("move"):
        timed("move", lambda label=label, script=script: machine.run_block(label, script))
    machine.is_ready()
    assert "Contact" in machine.run(f"{CURL}/contact")
    assert "PostgreSQL" in machine.run("pzgent doctor", is_checked=False)

    # Nothing that ran here wrote down who asked for what.
    assert "127.0.2." not in machine.run("journalctl --no-pager --output=cat")
