"""What production refuses to start without."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "k" * 30 + "0123456789" * 3,
    "ALLOWED_HOSTS": "www.example.be",
    "BASE_URL": "https://www.example.be",
}


def manage(*arguments, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "HOME") if name in os.environ}
    return subprocess.run(  # our own command
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_secret_key_nothing_starts_and_the_message_says_what_to_set():
    result = manage("check")
    assert result.returncode != 0
    assert "Set the environment variable SECRET_KEY" in result.stderr


@pytest.mark.parametrize("flags", [("--deploy", "--fail-level", "WARNING")])
def test_production_settings_pass_the_deployment_check(flags):
    result = manage("check", *flags, **PRODUCTION)
    assert (result.returncode, "no issues" in result.stdout) == (0, True), result.stderr


def test_browsers_are_asked_to_ship_the_name_only_when_the_operator_asks():
    code = "from django.conf import settings; print(settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_PRELOAD)"
    assert manage("shell", "-v0", "-c", code, **PRODUCTION).stdout.strip() == "True False"
    asked = manage("shell", "-v0", "-c", code, HSTS_PRELOAD="1", **PRODUCTION)
    assert asked.stdout.strip() == "True True"


def test_debugging_must_be_asked_for():
    code = "from django.conf import settings; print(settings.DEBUG)"
    assert manage("shell", "-v0", "-c", code, **PRODUCTION).stdout.strip() == "False"
    assert manage("shell", "-v0", "-c", code, DEBUG="1").stdout.strip() == "True"
