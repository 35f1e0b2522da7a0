"""The settings of the portal for tools that only read the code, such as mypy: they need no secret of anybody."""

import tests.environment  # noqa: F401  # sets what has no default
from pzgent.settings import *  # noqa: F403
