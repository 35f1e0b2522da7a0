"""The operator's manual and the files of `deploy/`: what can be seen without a Debian to install them on."""

import getpass
import json
import re
import shutil
import subprocess

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.tools.run import ALONE

DEPLOY = settings.BASE_DIR / "deploy"
MANUAL = (settings.BASE_DIR / "docs" / "operations.md").read_text()
DRILL = (settings.BASE_DIR / "tests" / "pzgent" / "test_install.py").read_text()
FENCES = re.findall(r"^```(.*)$", MANUAL, re.MULTILINE)[::2]
BLOCKS = re.findall(r"^```sh (\w+)\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
# 0 is the most closed, 10 the most open; a service without any directive has 9.6.
MOST_EXPOSED = 2.0


def test_every_command_of_the_manual_belongs_to_a_part_that_the_drill_runs():
    assert len(FENCES) == len(BLOCKS) > 10
    run = set(re.findall(r'"(\w+)"', DRILL))
    assert {label for label, _script in BLOCKS} - run == set()


@pytest.mark.parametrize(("label", "script"), BLOCKS)
def test_a_block_of_the_manual_can_be_read_by_the_shell(label, script):
    subprocess.run(["bash", "-n", "-c", script], check=True)


def test_the_manual_names_commands_and_files_that_exist():
    known = {*get_commands(), "prepare", "COMMAND"}
    named = set(
        re.findall(r"(?<![/\w])pzgent ([a-zA-Z_]+)(?!\.)", "\n".join(script for _label, script in BLOCKS))
    )
    services = {"pzgent", "nginx"}
    assert {name for name in named if name not in known} - services == set()
    assert set(re.findall(r"`make (\w+)`", MANUAL)) <= {*ALONE, "test", "bench"}
    for path in re.findall(r"`((?:tests|deploy|docs)/[\w./-]+)`", MANUAL):
        assert (settings.BASE_DIR / path).exists(), path


def test_the_service_may_do_little():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    for name in ("pzgent.service", "pzgent-daily.service"):
        told = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", DEPLOY / "systemd" / name],
            capture_output=True,
            text=True,
        ).stdout
        exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told)[1])
        assert exposure <= MOST_EXPOSED, told


@pytest.fixture
def pzgent(tmp_path):
    """Runs a command as an operator does, on a site of SQLite."""
    (tmp_path / "environment").write_text(
        f"SECRET_KEY={settings.SECRET_KEY}\nVAR_DIR={tmp_path / 'var'}\nBASE_URL=https://www.example.be\n"
        f"DATABASE_URL=sqlite:///{tmp_path / 'var' / 'db.sqlite3'}\n"
    )
    (tmp_path / "var").mkdir(mode=0o700)
    (tmp_path / "pzgent").symlink_to(DEPLOY / "pzgent")

    def run(*arguments):
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/bin", "PZGENT_ENVIRONMENT": str(tmp_path / "environment"),
            "PZGENT_ACCOUNT": getpass.getuser(),
        }  # fmt: skip
        return subprocess.run(
            [tmp_path / "pzgent", *arguments], env=environment, capture_output=True, text=True
        )

    return run


def test_the_operator_s_command_has_the_settings_of_the_site(pzgent, tmp_path):
    told = pzgent("doctor", "--json")
    assert told.returncode == 1, told.stderr
    found = {row["subject"]: row for row in json.loads(told.stdout)}
    assert found["settings"]["is_well"]
    assert str(tmp_path / "var") in found["rights"]["sentence"]
    assert "prepare" in found["release"]["advice"]
