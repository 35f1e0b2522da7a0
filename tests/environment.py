"""What tests need before Django reads its settings (loaded with `-p tests.environment`)."""

import gc
import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
# Tests and the servers that they start ask as fast as they can; what throttles them says so itself.
os.environ.setdefault("API_REQUESTS_PER_MINUTE", "0")
# The server of static files looks for its folder when it starts, also when nothing was collected yet.
(Path(__file__).resolve().parents[1] / "var" / "static").mkdir(parents=True, exist_ok=True)
# What tests leave behind is little: looking for it every few hundred objects takes a tenth of their time.
gc.set_threshold(50_000, 20, 20)
