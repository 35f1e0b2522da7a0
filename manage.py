#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys
from pathlib import Path

# Made by `make run`; a server has SECRET_KEY in its environment.
LOCAL_KEY = Path(__file__).with_name("var") / "secret_key"


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
    if not os.environ.get("SECRET_KEY") and LOCAL_KEY.is_file():
        os.environ["SECRET_KEY"] = LOCAL_KEY.read_text().strip()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
