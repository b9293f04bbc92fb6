"""Why an extension is not done: the code and what it means, as the ledger keeps them."""

REJECTIONS = {
    "session_missing": "The session does not exist.",
    "swag_goals_unreadable": "The session's swag_goals is not what this program keeps there.",
    "viewers_unreadable": "The session's viewers is neither an object nor empty.",
    "permission_unreadable": "A viewer's permission holds a nbf, duration or exp of the wrong type.",
    "duration_too_long": "A viewer's duration would exceed MAX_DURATION.",
    "exp_too_far": "A viewer's exp would lie more than 30 days ahead.",
    "update_refused": "MongoDB refuses the update: by a validator of the collection, or as more than 16 MiB.",
}
REASONS = REJECTIONS | {"pusher_refused": "Pusher did not accept the event while the permission lasted."}
