"""What runs beside a call and its job: sweeps, notifications, limits, operators' commands, and clients' options."""

from tests.model.conditions import CONNECTIONS, LEDGER, SESSION, SETTLEMENT, UPDATE, Condition

GOAL = "documents/goal.py"
QUERIES = "documents/ledger_queries.py"
STREAM = "documents/ledger_stream.py"
COMPENSATE = "services/compensate.py"
REDRIVE = "services/redrive_extension.py"
LIMITS = "services/rate_limits.py"
BREAKER = "events/pusher_breaker.py"
CHANNELS = "events/pusher_channels.py"
REVOCATIONS = "auth/revocations.py"
RELEASED = '    _update({"_id": {"$in": [row["_id"] for row in past]}}, {"release_at": REMOVED})\n'
ATTEMPTS = "tests/documents/test_attempts.py"
SETTLED = "tests/documents/test_settlement.py"
REDRIVEN = "tests/services/test_redrive_extension.py"
PACED = "tests/services/test_compensate.py"
WINDOWS = "tests/services/test_rate_limits.py"
LEFT_ALONE = "tests/unit/test_pusher_breaker.py"
NOTIFIED = "tests/jobs/test_notification.py"
REVOKED = "tests/unit/api/test_revocations.py"
OPTIONS = "tests/unit/test_options_of_addresses.py"
STATEMENTS = "tests/documents/test_statements.py"
REFUSED = "tests/documents/test_refused_sessions.py"
PROCESSES = "jobs/processes.py"
EXCHANGE = "server/exchange.py"
MIGRATED = "tests/migrations/test_one_at_a_time.py"
SWEPT = "tests/unit/test_retry_until_stopped.py"
EXCHANGED = "tests/unit/test_exchange.py"
SETTINGS = "tests/unit/test_settings.py"
ACTIVE = "tests/documents/test_active_goal.py"

OF_SWEEPS = (
    Condition(
        "a rejected extension is claimed once more",
        LEDGER,
        '{"status": {"$in": [PENDING, REJECTED]}}',
        '{"status": PENDING}',
        ATTEMPTS,
    ),
    Condition(
        "what is applied is not claimed to be applied",
        LEDGER,
        '{"status": {"$in": [PENDING, REJECTED]}}',
        '{"status": {"$in": [PENDING, APPLIED, REJECTED]}}',
        ATTEMPTS,
    ),
    Condition(
        "what is not applied is not claimed to be notified",
        LEDGER,
        '_claim({"status": APPLIED}, ',
        '_claim({"status": {"$in": [APPLIED, PENDING]}}, ',
        ATTEMPTS,
    ),
    Condition(
        "what is not due takes nobody's turn",
        LEDGER,
        '{**query, "due": {"$lte": now}}',
        '{**query, "due": {"$ne": None}}',
        ATTEMPTS,
    ),
    Condition(
        "those longest due are claimed first",
        LEDGER,
        '"due", ASCENDING, limit)',
        '"due", DESCENDING, limit)',
        ATTEMPTS,
    ),
    Condition(
        "the newest are notified first",
        LEDGER,
        '"requested_at", DESCENDING, limit)',
        '"requested_at", ASCENDING, limit)',
        ATTEMPTS,
    ),
    Condition(
        "a guard forgets before the ledger says so",
        LEDGER,
        "    if sessions:\n        Session.release(sessions)\n" + RELEASED,
        RELEASED + "    if sessions:\n        Session.release(sessions)\n",
        "tests/documents/test_release.py",
    ),
    Condition(
        "an outcome that cannot be written keeps no other",
        SETTLEMENT,
        "for outcome in outcomes], ordered=False)",
        "for outcome in outcomes], ordered=True)",
        SETTLED,
    ),
    Condition(
        "an extension that cannot be told of its void keeps no other",
        SETTLEMENT,
        "bulk_write(new, ordered=False)",
        "bulk_write(new, ordered=True)",
        SETTLED,
    ),
    Condition(
        "of nothing nothing is written",
        SETTLEMENT,
        "    if outcomes:\n",
        "    if True:\n",
        SETTLED,
    ),
    Condition(
        "what is known of a change stands",
        SETTLEMENT,
        '{name: {"$ifNull": [f"${name}", value]} for name, value in known.items()}',
        "known",
        SETTLED,
    ),
    Condition(
        "who voided an extension is said in a record without operations",
        "documents/void.py",
        '{"$concatArrays": [{"$ifNull": ["$operations", []]}, {"$literal": void.operations}]}',
        '{"$concatArrays": ["$operations", {"$literal": void.operations}]}',
        SETTLED,
    ),
    Condition(
        "the duration of each viewer is capped",
        UPDATE,
        "_duration_fits(viewer, most - given) for viewer, given in limited]",
        "_duration_fits(viewer, most - given) for viewer, given in limited[:1]]",
        REFUSED,
    ),
    Condition(
        "the end of each viewer's permission is capped",
        UPDATE,
        "_exp_fits(*each) for each in limited]",
        "_exp_fits(*each) for each in limited[:1]]",
        REFUSED,
    ),
    Condition(
        "the end of a permission is capped as it will be",
        UPDATE,
        "furthest = MAX_EXP_AHEAD - timedelta(seconds=seconds)",
        "furthest = MAX_EXP_AHEAD",
        "tests/documents/test_grants_in_turn.py",
    ),
    Condition(
        "an audit asks a session linearizably",
        SESSION,
        'with_options(read_concern=ReadConcern("linearizable"))\n        fields = {"viewers"',
        'with_options()\n        fields = {"viewers"',
        STATEMENTS,
    ),
    Condition(
        "an export waits until a majority has all",
        STREAM,
        "    await_majority()\n",
        "",
        STATEMENTS,
    ),
    Condition(
        "what is complete is so by the clock of before",
        STREAM,
        "    now = server_time()\n    await_majority()\n",
        "    await_majority()\n    now = server_time()\n",
        "tests/unit/test_resumed.py",
    ),
    Condition(
        "each failover may take as long",
        STREAM,
        "after, failing_since = key, None",
        "after = key",
        "tests/unit/test_resumed.py",
    ),
)
OF_NOTIFICATIONS = (
    Condition(
        "a Pusher that fails is asked on until it has failed three times in a row",
        BREAKER,
        "self._failures >= MAX_FAILURES and time",
        "self._failures and time",
        LEFT_ALONE,
    ),
    Condition(
        "a Pusher that is back is asked again",
        BREAKER,
        "            self._failures = 0\n",
        "            pass\n",
        LEFT_ALONE,
    ),
    Condition(
        "after a rest one call finds out",
        BREAKER,
        "            self._rests_until = time.monotonic() + PUSHER_TIMEOUT.total_seconds()\n",
        "",
        LEFT_ALONE,
    ),
    Condition(
        "a silent Pusher is left alone at once",
        BREAKER,
        "MAX_FAILURES if silent or retry_after else",
        "MAX_FAILURES if retry_after else",
        LEFT_ALONE,
    ),
    Condition(
        "a Pusher that asks for a rest gets it at once",
        BREAKER,
        "MAX_FAILURES if silent or retry_after else",
        "MAX_FAILURES if silent else",
        LEFT_ALONE,
    ),
    Condition(
        "no rest is longer than the longest",
        BREAKER,
        "min(max(retry_after, PUSHER_REST.total_seconds()), MAX_PUSHER_REST.total_seconds())",
        "max(retry_after, PUSHER_REST.total_seconds())",
        LEFT_ALONE,
    ),
    Condition(
        "no rest is shorter than the shortest",
        BREAKER,
        "min(max(retry_after, PUSHER_REST.total_seconds()), MAX_PUSHER_REST.total_seconds())",
        "min(retry_after, MAX_PUSHER_REST.total_seconds())",
        LEFT_ALONE,
    ),
    Condition(
        "who does not listen is silent",
        CHANNELS,
        "(pycurl.E_OPERATION_TIMEDOUT, pycurl.E_COULDNT_CONNECT, pycurl.E_COULDNT_RESOLVE_HOST)",
        "(pycurl.E_OPERATION_TIMEDOUT, pycurl.E_COULDNT_RESOLVE_HOST)",
        LEFT_ALONE,
    ),
    Condition(
        "whose name is not known is silent",
        CHANNELS,
        "(pycurl.E_OPERATION_TIMEDOUT, pycurl.E_COULDNT_CONNECT, pycurl.E_COULDNT_RESOLVE_HOST)",
        "(pycurl.E_OPERATION_TIMEDOUT, pycurl.E_COULDNT_CONNECT)",
        LEFT_ALONE,
    ),
    Condition(
        "an event that is too large is refused alone",
        CHANNELS,
        "(HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)",
        "(HTTPStatus.BAD_REQUEST,)",
        NOTIFIED,
    ),
    Condition(
        "a 202 is a call that is taken",
        CHANNELS,
        "(HTTPStatus.OK, HTTPStatus.ACCEPTED)",
        "(HTTPStatus.OK,)",
        NOTIFIED,
    ),
    Condition(
        "who has no whole permission has no event",
        "events/stream_authorized.py",
        "if each and None not in each.values()}",
        "if each}",
        "tests/unit/test_event.py",
    ),
)
OF_OPERATORS_AND_LIMITS = (
    Condition(
        "what cannot be extended is named before it is recorded",
        COMPENSATE,
        "obstacle(goal, duration) or _extend(",
        "_extend(",
        "tests/commands/test_compensate.py",
    ),
    Condition(
        "a goal that is changed just then keeps no other",
        COMPENSATE,
        "except (GoalNotFound, GoalNotExtendable):\n",
        "except ZeroDivisionError:\n",
        PACED,
    ),
    Condition(
        "a compensation rests several times as long as a goal took",
        COMPENSATE,
        "max(REST * took, PACE - took)",
        "PACE - took",
        PACED,
    ),
    Condition(
        "a compensation has a pace",
        COMPENSATE,
        "max(REST * took, PACE - took)",
        "REST * took",
        PACED,
    ),
    Condition(
        "that a compensation waits is said after seconds",
        COMPENSATE,
        "time.monotonic() - began > LONG and not is_said",
        "not is_said",
        PACED,
    ),
    Condition(
        "that a compensation waits is said once",
        COMPENSATE,
        " and not is_said:",
        ":",
        PACED,
    ),
    Condition(
        "what is done meanwhile is not re-driven",
        REDRIVE,
        '    if reopened is None:\n        raise NotRedrivable("It is done by now.")\n',
        "    if reopened is None:\n        return\n",
        REDRIVEN,
    ),
    Condition(
        "a void is re-driven whatever came later",
        REDRIVE,
        " and not extension.void_of and",
        " and",
        REDRIVEN,
    ),
    Condition(
        "a later extension is one of the same goal",
        QUERIES,
        '{"streamer_id": than.streamer_id, "goal_id": than.goal_id, **NO_VOIDS}',
        '{"streamer_id": than.streamer_id, **NO_VOIDS}',
        REDRIVEN,
    ),
    Condition(
        "a later extension is one of the same streamer",
        QUERIES,
        '{"streamer_id": than.streamer_id, "goal_id": than.goal_id, **NO_VOIDS}',
        '{"goal_id": than.goal_id, **NO_VOIDS}',
        REDRIVEN,
    ),
    Condition(
        "a void is no later extension",
        QUERIES,
        '"goal_id": than.goal_id, **NO_VOIDS}',
        '"goal_id": than.goal_id}',
        REDRIVEN,
    ),
    Condition(
        "Redis forgets windows of extensions",
        LIMITS,
        "    redis.call('EXPIRE', window, ARGV[2 * place + 1])\n",
        "",
        WINDOWS,
    ),
    Condition(
        "Redis forgets windows of requests",
        LIMITS,
        "        pipeline.expire(window, 2 * rate.seconds)\n",
        "        pipeline.exists(window)\n",
        WINDOWS,
    ),
    Condition(
        "of two full windows the longer one is waited for",
        LIMITS,
        "max(_seconds_left(rate, now) for rate in exceeded)",
        "min(_seconds_left(rate, now) for rate in exceeded)",
        WINDOWS,
    ),
    Condition(
        "a refused caller comes again in the next window and not in this one",
        LIMITS,
        "math.ceil(rate.seconds - now % rate.seconds)",
        "int(rate.seconds - now % rate.seconds)",
        WINDOWS,
    ),
    Condition(
        "windows follow one another",
        LIMITS,
        'f"swag_goals:limit:{subject}:{int(now // rate.seconds)}"',
        'f"swag_goals:limit:{subject}"',
        WINDOWS,
    ),
    Condition(
        "a goal whose kind is in a list is passed over",
        GOAL,
        "__raw__={**_OF_ONE_KIND, **query}",
        "__raw__={**query}",
        ACTIVE,
    ),
    Condition(
        "a list that holds the streamer lists no goal as theirs",
        GOAL,
        "[goal for goal in goals if goal.active is True and goal.streamer_id == streamer_id]",
        "[goal for goal in goals if goal.active is True]",
        ACTIVE,
    ),
    Condition(
        "a list that holds the streamer makes nobody's session theirs",
        GOAL,
        "goal.streamer_id == streamer_id and hex_id(_get(goal.context",
        "hex_id(_get(goal.context",
        ACTIVE,
    ),
    Condition(
        "the newest goals come first, whatever the form of their owner's id",
        GOAL,
        '.order_by("-id")',
        "",
        "tests/api/test_running_goals.py",
    ),
    Condition(
        "a goal that is active in a list does not run",
        GOAL,
        "return [goal for goal in goals if goal.active is True]",
        "return list(goals)",
        "tests/commands/test_compensate.py",
    ),
    Condition(
        "options of MongoDB's address count whatever their case",
        CONNECTIONS,
        "each.lower().startswith(MONGODB_OPTIONS)",
        "each.startswith(MONGODB_OPTIONS)",
        OPTIONS,
    ),
    Condition(
        "options with semicolons between are options",
        CONNECTIONS,
        're.split("[&;]", options)',
        'options.split("&")',
        OPTIONS,
    ),
    Condition(
        "text that is no UTF-8 keeps nobody from the rest",
        CONNECTIONS,
        '        unicode_decode_error_handler="replace",\n',
        "",
        OPTIONS,
    ),
    Condition(
        "a certificate of Redis' is checked where the address says so",
        CONNECTIONS,
        'options.setdefault("ssl_cert_reqs", "none")',
        'options["ssl_cert_reqs"] = "none"',
        OPTIONS,
    ),
    Condition(
        "a certificate of Redis' may be one that nobody signed",
        CONNECTIONS,
        '        options.setdefault("ssl_cert_reqs", "none")',
        "        pass",
        OPTIONS,
    ),
    Condition(
        "a read of revocations is bounded in time",
        REVOCATIONS,
        "with pymongo.timeout(REVOCATIONS_TIMEOUT.total_seconds()):",
        "if True:",
        REVOKED,
    ),
    Condition(
        "revocations are as old as the question for them",
        REVOCATIONS,
        "        self._read_at = now\n",
        "        self._read_at = time.monotonic()\n",
        REVOKED,
    ),
    Condition(
        "what others wrote among the revocations keeps nobody out",
        REVOCATIONS,
        ' for row in rows if isinstance(row["_id"], str))',
        " for row in rows)",
        REVOKED,
    ),
)
OF_PROCESSES_AND_SETTINGS = (
    Condition(
        "nobody gives another's lease back",
        "migrations.py",
        'delete_one({"_id": "lease", "holder": self._holder})',
        'delete_one({"_id": "lease"})',
        MIGRATED,
    ),
    Condition(
        "a lease is renewed though MongoDB was away",
        "migrations.py",
        "            except PyMongoError:\n",
        "            except ZeroDivisionError:\n",
        MIGRATED,
    ),
    Condition(
        "a MongoDB that is away is no fault of a step",
        "migrations.py",
        "(StepFailed, LeaseLost, AutoReconnect)",
        "(StepFailed, LeaseLost)",
        MIGRATED,
    ),
    Condition(
        "a sweeper notifies whatever goes wrong",
        PROCESSES,
        'stop, Exception, "notifications',
        'stop, PyMongoError, "notifications',
        SWEPT,
    ),
    Condition(
        "a sweeper ends what it began",
        PROCESSES,
        "    notifications.join()\n",
        "",
        SWEPT,
    ),
    Condition(
        "a sweeper ends by Ctrl-C too",
        PROCESSES,
        "(signal.SIGTERM, signal.SIGINT)",
        "(signal.SIGTERM,)",
        SWEPT,
    ),
    Condition(
        "what an app opened is closed",
        EXCHANGE,
        'closing(items) if hasattr(items, "close") else nullcontext()',
        "nullcontext()",
        EXCHANGED,
    ),
    Condition(
        "who is answered during a stop hears of it",
        EXCHANGE,
        "not (_is_read(parser) and worker.alive)",
        "not _is_read(parser)",
        EXCHANGED,
    ),
    Condition(
        "a connection goes on behind a whole request",
        EXCHANGE,
        "not (_is_read(parser) and worker.alive)",
        "not worker.alive",
        EXCHANGED,
    ),
    Condition(
        "nothing is left behind a request that is read",
        EXCHANGE,
        " and not parser.unreader.take_buffered()",
        "",
        EXCHANGED,
    ),
    Condition(
        "a header that costs more than a refusal is not parsed",
        "api/requests.py",
        '"HTTP_CONNECTION", "HTTP_RANGE")',
        '"HTTP_RANGE")',
        "tests/unit/test_refusals.py",
    ),
    Condition(
        "a secret has so many bytes",
        "settings/values.py",
        "len(secret.encode()) >= MIN_SECRET",
        "len(secret) >= MIN_SECRET",
        SETTINGS,
    ),
    Condition(
        "keys are an object",
        "settings/values.py",
        " or not all(isinstance(pair, tuple) for pair in pairs)",
        "",
        SETTINGS,
    ),
    Condition(
        "no origin has the port 0",
        "settings/values.py",
        " or url.port == 0:\n            raise ValueError\n        if",
        ":\n            raise ValueError\n        if",
        SETTINGS,
    ),
    Condition(
        "no websocket is at the port 0",
        "settings/addresses.py",
        " or url.port == 0:\n        raise ValueError\n    return value",
        ":\n        raise ValueError\n    return value",
        SETTINGS,
    ),
    Condition(
        "a Pusher app has a key",
        "settings/addresses.py",
        "app and url.username and url.password",
        "app and url.password",
        SETTINGS,
    ),
    Condition(
        "a Pusher app has a secret",
        "settings/addresses.py",
        "app and url.username and url.password",
        "app and url.username",
        SETTINGS,
    ),
    Condition(
        "a wrong setting is not repeated by a traceback",
        "settings/__init__.py",
        'raise SettingsError(f"{name} is wrong: {HINTS[name]}.") from None',
        'raise SettingsError(f"{name} is wrong: {HINTS[name]}.")',
        SETTINGS,
    ),
)
