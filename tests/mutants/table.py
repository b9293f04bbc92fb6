"""The whole table: what the model has, and what no model needs."""

from tests.model.conditions import (
    ATTEMPT,
    EXTENSION,
    OF_A_REJECTION,
    OF_A_VOID,
    OF_SWEEPER_AND_OPERATOR,
    OF_THE_RECORD,
    OF_THE_UPDATE,
    OF_TIMES,
    TOKENS,
    UPDATE,
    Condition,
)
from tests.mutants.admission import OF_ADMISSION, OF_TICKETS
from tests.mutants.audit import OF_RECORDS_AND_PERMISSIONS, OF_THE_AUDIT
from tests.mutants.calls import OF_CALLS_AND_JOBS
from tests.mutants.operations import OF_NOTIFICATIONS, OF_OPERATORS_AND_LIMITS, OF_PROCESSES_AND_SETTINGS, OF_SWEEPS

VALUES = "documents/session_values.py"
DOOR = "tests/unit/api/test_front_door.py"
REFUSED = "tests/documents/test_refused_sessions.py"
LATE = "tests/documents/test_late_attempt.py"
IDS = "tests/unit/test_extension_id.py"
JOB = "tests/jobs/test_job.py"
QUEUE_TEST = "tests/unit/test_job_arguments.py"
METRICS = "api/metrics.py"
GOAL = "documents/goal.py"
QUEUE = "queue/extensions.py"
APPLY = "services/apply_extensions.py"

OF_THE_ARITHMETIC = (
    Condition(
        "viewers that are no object are rejected",
        UPDATE,
        '"viewers_unreadable": object_or_nothing("$viewers"),',
        '"viewers_unreadable": True,',
        REFUSED,
    ),
    Condition(
        "a permission of the wrong types is rejected",
        UPDATE,
        '{"$and": [readable_permission(viewer) for viewer in seconds]}',
        "True",
        REFUSED,
    ),
    Condition(
        "a nbf that is no date is rejected",
        VALUES,
        'is_of(f"{viewer}.nbf", "date", "null", "missing"),',
        "",
        REFUSED,
    ),
    Condition(
        "an exp that is no date is rejected",
        VALUES,
        'is_of(f"{viewer}.exp", "date", "null", "missing"),',
        "",
        REFUSED,
    ),
    Condition(
        "a duration that is not whole is rejected",
        VALUES,
        'return {"$cond": [is_of(path, "double"), whole,',
        'return {"$cond": [is_of(path, "double"), True,',
        REFUSED,
    ),
    Condition(
        "a reference in place of an object is rejected",
        VALUES,
        '{"$not": is_reference}',
        "True",
        REFUSED,
    ),
    Condition(
        "a duration that would be too long is rejected",
        UPDATE,
        '{"$and": [_duration_fits(viewer, most - given) for viewer, given in limited]}',
        "True",
        "tests/documents/test_cap.py",
    ),
    Condition(
        "an exp that would be too far ahead is rejected",
        UPDATE,
        '{"$and": [_exp_fits(*each) for each in limited]}',
        "True",
        REFUSED,
    ),
    Condition(
        "a swag_goals that is another's is rejected",
        UPDATE,
        '"swag_goals_unreadable": swag_goals_readable(),',
        '"swag_goals_unreadable": True,',
        REFUSED,
    ),
    Condition(
        "a late attempt counts from its own now",
        UPDATE,
        'return {"$cond": [{"$lte": [age, milliseconds(LATE)]}, extension.nbf, "$$NOW"]}',
        "return extension.nbf",
        LATE,
    ),
    Condition(
        "one in time counts from the request",
        UPDATE,
        'return {"$cond": [{"$lte": [age, milliseconds(LATE)]}, extension.nbf, "$$NOW"]}',
        'return "$$NOW"',
        LATE,
    ),
    Condition(
        "seconds are added behind what is left",
        UPDATE,
        '{"$max": [nbf, f"{viewer}.exp"]}',
        "nbf",
        "tests/documents/test_granted_permissions.py",
    ),
    Condition(
        "a negative duration counts as none",
        UPDATE,
        '"$add": [{"$max": [f"{viewer}.duration", 0]}',
        '"$add": [{"$ifNull": [f"{viewer}.duration", 0]}',
        "tests/documents/test_granted_permissions.py",
    ),
    Condition(
        "the revision of a session that is made again does not fall behind",
        UPDATE,
        'return {"$max": [{"$add": [{"$ifNull": ["$swag_goals.revision", 0]}, 1]}, {"$toLong": "$$NOW"}]}',
        'return {"$add": [{"$ifNull": ["$swag_goals.revision", 0]}, 1]}',
        "tests/documents/test_applied_once.py",
    ),
    Condition(
        "the revision grows also where the clock does not",
        UPDATE,
        'return {"$max": [{"$add": [{"$ifNull": ["$swag_goals.revision", 0]}, 1]}, {"$toLong": "$$NOW"}]}',
        'return {"$toLong": "$$NOW"}',
        "tests/documents/test_applied_once.py",
    ),
    Condition(
        "nbf and requested_at are MongoDB's now",
        EXTENSION,
        '"nbf": "$$NOW",',
        '"nbf": __import__("datetime").datetime.now(__import__("datetime").UTC),',
        "tests/documents/test_statements.py",
    ),
)
OF_A_VOIDS_ARITHMETIC = (
    Condition(
        "a void takes no more than is left",
        UPDATE,
        '{"$min": [left, seconds]}',
        '{"$min": [seconds, seconds]}',
        "tests/documents/test_voided_permissions.py",
    ),
    Condition(
        "a void takes no more than was given",
        UPDATE,
        '{"$min": [left, seconds]}',
        '{"$min": [left, left]}',
        "tests/documents/test_voided_permissions.py",
    ),
    Condition(
        "a void takes whole seconds",
        UPDATE,
        '{"$floor": {',
        '{"$ceil": {',
        "tests/documents/test_voided_permissions.py",
    ),
    Condition(
        "no duration falls below nothing",
        UPDATE,
        '{"$max": [{"$subtract": [f"{viewer}.duration", taken]}, 0]}',
        '{"$subtract": [f"{viewer}.duration", taken]}',
        "tests/documents/test_voided_permissions.py",
    ),
    Condition(
        "a void has an id of its own",
        "documents/void.py",
        'f"void:{extension_id}"',
        'f"{extension_id}" if False else str(id(extension_id))',
        "tests/commands/test_extension.py",
    ),
    Condition(
        "a rejected extension is not voided",
        "services/void_extension.py",
        "if extension.status == REJECTED:",
        "if False:",
        "tests/commands/test_extension.py",
    ),
    Condition(
        "a void is said once",
        "documents/void.py",
        '{"_id": void.void_of, "taken_back": None}',
        '{"_id": void.void_of}',
        "tests/documents/test_settlement.py",
    ),
)
OF_THE_KEY = (
    Condition("the key is the streamer's", EXTENSION, '{streamer_id}:{goal_id}:{key}"', '{goal_id}:{key}"', IDS),
    Condition("the key is the goal's", EXTENSION, '{streamer_id}:{goal_id}:{key}"', '{streamer_id}:{key}"', IDS),
    Condition(
        "another key is another extension",
        EXTENSION,
        '{streamer_id}:{goal_id}:{key}"',
        '{streamer_id}:{goal_id}"',
        IDS,
    ),
    Condition(
        "a key is matched as a whole",
        "services/idempotency.py",
        "KEY.fullmatch(key)",
        "KEY.match(key)",
        DOOR,
    ),
    Condition(
        "a malformed key is refused",
        "api/requests.py",
        '    if not is_key(key):\n        raise Problem("key_malformed")\n',
        "",
        DOOR,
    ),
)
OF_TOKENS = (
    Condition(
        "the signature is checked before anything is parsed",
        TOKENS,
        "if not is_signed(encoded, secrets):",
        "if False:",
        DOOR,
    ),
    Condition(
        "the kid picks the key",
        TOKENS,
        'if kid not in settings.jwt_keys:\n            raise jwt.InvalidTokenError("unknown kid")\n'
        "        return settings.jwt_keys[kid]",
        'return settings.jwt_keys.get(str(kid), settings.jwt_keys.get("newer", ""))',
        DOOR,
    ),
    Condition("iss is ours", TOKENS, "JWT_DECODE_ISSUER=ISSUER,", "", DOOR),
    Condition("aud is ours", TOKENS, "JWT_DECODE_AUDIENCE=AUDIENCE,", "", DOOR),
    Condition(
        "a token has not expired", TOKENS, "self.iat <= time + LEEWAY and time < self.exp + LEEWAY", "True", DOOR
    ),
    Condition("a token lives for a day at most", TOKENS, "and exp - iat <= MAX_LIFE", "", DOOR),
    Condition("the version is 2", TOKENS, 'and claims["version"] == VERSION', "", DOOR),
    Condition("the version is an integer", TOKENS, 'and is_integer(claims.get("version"))', "", DOOR),
    Condition("iat is an integer", TOKENS, "and is_integer(iat)", "", DOOR),
    Condition("exp is an integer", TOKENS, "and is_integer(exp)", "", DOOR),
    Condition("sub is an id", TOKENS, 'hex_id(claims.get("sub")) is not None', 'claims.get("sub") is not None', DOOR),
    Condition("jti is a text", TOKENS, 'and isinstance(claims.get("jti"), str)', "", DOOR),
    Condition("scopes are a list", TOKENS, "and isinstance(scopes, list)", "", DOOR),
    Condition("scopes are texts", TOKENS, "and all(isinstance(scope, str) for scope in scopes)", "", DOOR),
    Condition("a refresh token is none", TOKENS, 'and claims.get("type", "access") == "access"', "", DOOR),
    Condition(
        "one bearer token and nothing else",
        TOKENS,
        "_BEARER.fullmatch(authorization)",
        "_BEARER.match(authorization)",
        DOOR,
    ),
    Condition("a revoked token is refused", "api/authentication.py", " or token.jti in self._revocations", "", DOOR),
    Condition(
        "revocations that are too old are not believed",
        "auth/revocations.py",
        "if self._age() > MAX_REVOCATION.total_seconds():",
        "if False:",
        "tests/unit/api/test_revocations.py",
    ),
    Condition(
        "revocations are read again when they are not fresh",
        "auth/revocations.py",
        "if self._age() > REVOCATIONS_FRESH.total_seconds() and self._failed_at < came:",
        "if not self._revoked:",
        "tests/unit/api/test_revocations.py",
    ),
    Condition("only creators extend", TOKENS, "return CREATOR in self.scopes", "return True", DOOR),
    Condition(
        "a channel is joined by its viewer or by its streamer",
        "api/pusher.py",
        "return caller.user_id == viewer_id or (caller.user_id == streamer_id and caller.is_creator)",
        "return True",
        "tests/unit/api/test_right_to_a_channel.py",
    ),
)
OF_THE_DOOR = (
    Condition("an origin is matched to its end", "api/cors.py", 'origin) + r"\\Z")', "origin))", DOOR),
    Condition("an origin is no expression", "api/cors.py", "re.escape(origin)", "origin", DOOR),
    Condition("an origin counts its capitals", "api/cors.py", 'r"\\Z") for', 'r"\\Z", re.I) for', DOOR),
    Condition(
        "a page sends only the call's headers", "api/cors.py", "({'|'.join(SENT)})\\Z\"", "({'|'.join(SENT)})\"", DOOR
    ),
    Condition("a page may read the call's headers", "api/cors.py", "expose_headers=EXPOSED,", "", DOOR),
    Condition(
        "a page sends no cookies",
        "api/cors.py",
        "max_age=PREFLIGHT",
        "supports_credentials=True, max_age=PREFLIGHT",
        DOOR,
    ),
    Condition(
        "strangers read no metrics", METRICS, 'not _is_loopback(request.remote_addr or "") or any(', "any(", DOOR
    ),
    Condition(
        "nor do they through a proxy",
        METRICS,
        " or any(name in request.headers for name in PROXIES)",
        "",
        DOOR,
    ),
    Condition(
        "with a token for the metrics, this machine needs it too",
        METRICS,
        'scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), token.encode())',
        'scheme.lower() != "bearer"',
        DOOR,
    ),
)
OF_THE_QUEUE = (
    Condition(
        "a job that is not what the ledger says is not done",
        APPLY,
        "extension is None or job_arguments(extension) != job",
        "extension is None",
        JOB,
    ),
    Condition(
        "a job names this one function",
        QUEUE,
        "if self.func_name != FUNCTION:",
        "if False:",
        QUEUE_TEST,
    ),
    Condition(
        "what Pusher did not accept is not notified",
        ATTEMPT,
        "sent = all(event in accepted for event in self.events)",
        "sent = any(event in accepted for event in self.events)",
        "tests/jobs/test_notification.py",
    ),
    Condition(
        "a list that holds the streamer makes nobody its owner",
        GOAL,
        "if goal.active is True and goal.streamer_id == streamer_id:",
        "if goal.active is True:",
        "tests/documents/test_active_goal.py",
    ),
    Condition(
        "active is true and nothing like it",
        GOAL,
        "if goal.active is True and goal.streamer_id == streamer_id:",
        "if goal.streamer_id == streamer_id:",
        "tests/documents/test_active_goal.py",
    ),
)
CONDITIONS = (
    *OF_THE_UPDATE,
    *OF_THE_RECORD,
    *OF_A_REJECTION,
    *OF_SWEEPER_AND_OPERATOR,
    *OF_TIMES,
    *OF_A_VOID,
    *OF_THE_ARITHMETIC,
    *OF_A_VOIDS_ARITHMETIC,
    *OF_THE_KEY,
    *OF_TOKENS,
    *OF_THE_DOOR,
    *OF_THE_QUEUE,
    *OF_TICKETS,
    *OF_ADMISSION,
    *OF_CALLS_AND_JOBS,
    *OF_SWEEPS,
    *OF_NOTIFICATIONS,
    *OF_OPERATORS_AND_LIMITS,
    *OF_PROCESSES_AND_SETTINGS,
    *OF_THE_AUDIT,
    *OF_RECORDS_AND_PERMISSIONS,
)
