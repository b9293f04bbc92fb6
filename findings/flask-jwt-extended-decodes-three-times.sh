#!/usr/bin/env bash
# Flask-JWT-Extended 4.7.4 with PyJWT 2.15.1: one `decode_token` parses a token three times, base64 and JSON of all its
# parts, before the caller has its claims: once for the header, once without verifying, for the key loader, which is
# handed claims that nobody has checked, and once with the signature. So a token that fails by its signature alone has
# cost three parsings, the larger its claims the more; a check of the HMAC in front costs a fraction of one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 flask-jwt-extended==4.7.4 pyjwt==2.15.1
"$folder/venv/bin/python" - <<'PYTHON'
import collections

import jwt
from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token, decode_token
from jwt.api_jws import PyJWS

app = Flask("finding")
app.config["JWT_SECRET_KEY"] = "a secret of thirty-two bytes or more, for HS256"
seen, parsed = [], collections.Counter()
manager = JWTManager(app)


@manager.decode_key_loader
def key(header, claims):
    seen.append(claims["sub"])
    return app.config["JWT_SECRET_KEY"]


def counted(name, function):
    def count(*args, **kwargs):
        parsed[name] += 1
        return function(*args, **kwargs)

    return count


PyJWS._load = counted("parsed", PyJWS._load)
with app.app_context():
    good = create_access_token("somebody")
    head, claims, signature = good.split(".")
    wrong = f"{head}.{claims}.{'A' * len(signature)}"
    for name, token in (("good", good), ("wrong signature", wrong)):
        parsed.clear(), seen.clear()
        try:
            decode_token(token)
            outcome = "accepted"
        except jwt.InvalidSignatureError:
            outcome = "refused"
        print(f"{name:16} {outcome}, parsed {parsed['parsed']} times, the key loader saw the claims of {seen}")
        assert parsed["parsed"] == 3, "it is parsed another number of times now"
        assert seen == ["somebody"], "the key loader no longer sees claims before they are verified"
PYTHON
echo "As it was."
