"""gunicorn's settings for a web that waits for requests on their way longer than a busy machine takes to stop it."""

import runpy
from datetime import timedelta

from dev.stack.keeper import ROOT
from swag_goals import time_limits

globals().update(runpy.run_path(str(ROOT / "gunicorn.conf.py")))
time_limits.LINGER = timedelta(seconds=8)
