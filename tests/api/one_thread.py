"""gunicorn's settings for a web that is overloaded soon: one thread of each kind, held by whoever looks up a viewer."""

import runpy
from datetime import timedelta

from dev.stack.keeper import ROOT
from swag_goals import time_limits

globals().update(runpy.run_path(str(ROOT / "gunicorn.conf.py")))
threads = 1
time_limits.LOOKUP_TIMEOUT = timedelta(seconds=5)
