"""Times that must fit together, each with its reason; tests/unit/test_time_limits.py asserts the inequalities.

A promise of one process rests on what another one allows itself: who changes one of these looks at all.
"""

from datetime import timedelta

# --- MongoDB: one operation, with its retries and the choice of a server. Without it a lost primary is
# waited for without end.
MONGODB_TIMEOUT = timedelta(seconds=10)
MONGODB_CONNECT_TIMEOUT = timedelta(seconds=2)
# How far the clocks of two of MongoDB's members may be apart: a failover may set the time back so far.
MAX_CLOCK_DIFFERENCE = timedelta(seconds=10)

# A record may get company from behind for so long: its write runs at most MONGODB_TIMEOUT, and the clock of the
# next primary may be behind. An export that went further would miss some.
MAX_BEHIND = timedelta(seconds=30)
# How long a command that reads all of the ledger waits for a new primary.
MAX_FAILOVER = timedelta(seconds=60)

# --- An attempt (decision 2): from the record it starts from until it must have reached the session.
ATTEMPT = timedelta(seconds=10)
# An attempt with less time than this ahead of it asks for a new deadline first.
MIN_ATTEMPT = timedelta(seconds=5)
# How long after its deadline an attempt may still be at work: its update began in time, runs at most
# MONGODB_TIMEOUT, and the clock of the next primary may be behind. With less than their sum an extension
# can be given twice; the margin is slack.
ATTEMPT_MARGIN = timedelta(seconds=5)
ATTEMPT_OVER = MONGODB_TIMEOUT + MAX_CLOCK_DIFFERENCE + ATTEMPT_MARGIN
# Up to so long after the request the answered `nbf` counts; later the attempt's own now.
LATE = timedelta(seconds=5)

# --- The sweeper: when it retries an extension that nothing happened to, and how long it waits between retries.
OVERDUE = timedelta(seconds=2)
MAX_RETRY_WAIT = timedelta(seconds=6)
SWEEP_PAUSE = timedelta(seconds=0.5)  # between two looks
SWEEPER_TTL = timedelta(seconds=15)  # how long Redis says after a look that a sweeper runs

# --- The web.
MAX_ANSWER = timedelta(seconds=15)  # promised to the caller, also where there is no majority
ANSWER_TIMEOUT = timedelta(seconds=11)  # all that the call asks of MongoDB, but for the revocations
READINESS_TIMEOUT = timedelta(seconds=2)
# How long a request may wait for a thread, where all of them wait for MongoDB.
MAX_QUEUED = timedelta(seconds=2)
# A client that pauses longer in the middle of its request, or of reading its answer, is given up; so is one
# that has not sent its whole request after the second.
MAX_PAUSE = timedelta(seconds=5)
MAX_REQUEST = timedelta(seconds=20)
# For a client to read its last answer, and for a request that is on its way to a web that stops.
LINGER = timedelta(seconds=0.5)
# A connection or an answer beside a paid request, and how long Redis is left alone after one that did not come.
WEB_REDIS_TIMEOUT = timedelta(seconds=0.2)
REDIS_REST = timedelta(seconds=5)
# A revocation is in force in every process within the first; they are read again after the second, and the
# read is waited for after the third.
MAX_REVOCATION = timedelta(seconds=5)
REVOCATIONS_FRESH = timedelta(seconds=2)
REVOCATIONS_STALE = timedelta(seconds=4)
REVOCATIONS_TIMEOUT = timedelta(seconds=1)
REVOCATIONS_WHOLE = timedelta(seconds=60)  # until all are read again, and not the newest alone

# --- Admission: how long a yes is answered from memory, and a no, which an extension ends; how long what is known
# counts while MongoDB is away. Players ask every second or two, and refused ones far more often.
YES_FRESH = timedelta(seconds=2)
NO_FRESH = timedelta(seconds=0.1)
MAX_KNOWN = timedelta(seconds=60)
# A lookup, and how long MongoDB is left alone after one that failed: who is known waits for neither.
LOOKUP_TIMEOUT = timedelta(seconds=0.5)
LOOKUP_REST = timedelta(seconds=1)
ADMISSIONS_COUNTED = timedelta(seconds=5)  # how often a process tells Redis how many there were

# --- The worker.
WORKER_REDIS_TIMEOUT = timedelta(seconds=2)
PUSHER_TIMEOUT = timedelta(seconds=2)  # one call, which no signal interrupts
# What is not notified within this time is settled as applied meanwhile: nothing given stays pending for Pusher.
NOTIFY_BEFORE_SETTLING = timedelta(seconds=0.25)
# How long a Pusher that does not answer is left alone, and the longest that it may ask for itself (Retry-After).
PUSHER_REST = timedelta(seconds=2)
MAX_PUSHER_REST = timedelta(seconds=30)
# What one batch does in turn: six operations of MongoDB's.
JOB_TIMEOUT = timedelta(seconds=90)
HEARTBEAT = timedelta(seconds=5)
# RQ blocks for 15 s less than this at a time, and a frozen Redis is noticed 10 s after that.
WORKER_TTL = timedelta(seconds=20)

# --- A stop: platforms kill ten seconds after SIGTERM.
PLATFORM_KILL = timedelta(seconds=10)
MAX_WORKER_STOP = timedelta(seconds=7)
# A call that waits longer, for an election, is cut off; its repeat settles it.
MAX_WEB_STOP = timedelta(seconds=9)
# How long an idle connection is kept: longer than a router in front does (Heroku 90 s; ALB and nginx 60), or
# its next request meets a socket that is just being closed.
KEEP_ALIVE = timedelta(seconds=95)
