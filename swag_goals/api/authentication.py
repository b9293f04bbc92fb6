"""Who calls: a view says whom it is for, and finds what they showed as `g.token`."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache, partial, wraps
from typing import ParamSpec, TypeVar

from flask import current_app, g, request

from swag_goals.api.problems import Problem
from swag_goals.auth.revocations import Revocations
from swag_goals.auth.tokens import BadToken, Token, bearer_token, verify

P = ParamSpec("P")
R = TypeVar("R")

KNOWN_TOKENS = 2048


class Authenticator:
    """Who the callers of one app are, by its keys and by what was revoked."""

    def __init__(self, secrets: Iterable[str], revocations: Revocations) -> None:
        self._revocations = revocations
        # A browser sends the same token for an hour, and may go on when it has expired. Of what anybody can make
        # none is kept: there verify() raises.
        self._verify = lru_cache(KNOWN_TOKENS)(partial(verify, secrets=tuple(secrets)))

    def authenticate(self, authorization: str) -> Token:
        """The token that the header carries.

        :raises Problem: anything but one good token.
        """
        try:
            token = self._verify(bearer_token(authorization))
        except BadToken:
            token = None
        if token is None or not token.is_valid_at(time.time()) or token.jti in self._revocations:
            raise Problem("token_invalid", {"WWW-Authenticate": 'Bearer realm="swag_goals"'})
        return token


def authenticated(view: Callable[P, R]) -> Callable[P, R]:
    """A view for any valid token, which is `g.token`."""

    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        authenticator: Authenticator = current_app.extensions["swag_goals"].authenticator
        g.token = authenticator.authenticate(request.headers.get("Authorization", ""))
        return view(*args, **kwargs)

    return check


def for_creators(view: Callable[P, R]) -> Callable[P, R]:
    """A view for streamers alone."""

    @authenticated
    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        if not g.token.is_creator:
            raise Problem("scope_missing")
        return view(*args, **kwargs)

    return check
