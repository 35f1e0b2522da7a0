"""Settings of the portal for tools that only read the code, such as mypy; they need no secrets."""

import tests.environment  # noqa: F401  # sets what has no default
from pzgent.settings import *  # noqa: F403
