"""The processes behind the web: RQ's worker and its job, and the sweeper."""
