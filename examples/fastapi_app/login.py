"""Dependencies that let in who is known: by a token, or by the session of a login of your own.

app.include_router(metrics_router(engine), dependencies=[Depends(by_token({"…": "ann"}))])
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, HTTPException, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

__all__ = ["by_session", "by_token", "hashed"]

_bearer = HTTPBearer(auto_error=False)


def hashed(token: str) -> str:
    """Return what is kept of a token, so that who reads the settings cannot use it.

    A token is long and random, as `secrets.token_urlsafe()` makes it. For a password, that
    people choose, a plain hash is too weak.
    """
    return sha256(token.encode()).hexdigest()


def by_token(known: Mapping[str, str]) -> Callable[..., str]:
    """Return a dependency that asks for a token, ``Authorization: Bearer …``.

    Parameters
    ----------
    known
        The name of who has a token, by the token as `hashed` gives it.
    """

    def name_of(
        sent: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> str:
        # What is looked up is a hash: how long that takes tells nothing of the tokens.
        name = known.get(hashed(sent.credentials)) if sent is not None else None
        if name is None:
            raise HTTPException(401, "Not known.", {"WWW-Authenticate": "Bearer"})
        return name

    return name_of


def by_session(find: Callable[[str], str | None], *, cookie: str = "session") -> Callable[..., str]:
    """Return a dependency that asks for the cookie that your login has set.

    Parameters
    ----------
    find
        Your login's own look-up: gives the name of who has this session, None for nobody and for
        one that is over.
    cookie
        What your login calls it.
    """
    asked = APIKeyCookie(name=cookie, auto_error=False)

    def name_of(sent: Annotated[str | None, Depends(asked)]) -> str:
        name = find(sent) if sent else None
        if name is None:
            raise HTTPException(401, "Log in first.")
        return name

    return name_of
