"""Environment that tests need before Django reads its settings (loaded with `-p tests.environment`)."""

import gc
import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
# Tests and the servers they start send requests as fast as they can; tests of throttling set their own limit.
os.environ.setdefault("API_REQUESTS_PER_MINUTE", "0")
# The static file server requires its folder at startup, even if nothing was collected yet.
(Path(__file__).resolve().parents[1] / "var" / "static").mkdir(parents=True, exist_ok=True)
# Tests leave little garbage: collecting it every few hundred objects takes a tenth of their time.
gc.set_threshold(50_000, 20, 20)
