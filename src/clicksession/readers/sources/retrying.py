"""Try again what may pass: an answer of 5xx, a connection that broke."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

__all__ = ["PAUSES", "patiently", "status_of"]

T = TypeVar("T")

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""How long to wait before each new try, in seconds; after the last, it is an error."""

_SLICE = 0.05
_STATUS = ("status", "code", "status_code")

# What aiohttp and Python call a connection that broke. By name: nothing here needs to import them.
_BROKEN = {"ClientPayloadError", "ServerDisconnectedError", "ClientOSError", "ConnectionError"}
_NEVER_THERE = {"ClientConnectorError", "ConnectionRefusedError"}
_DISTRUSTED = {"ClientSSLError", "CertificateError", "SSLError"}


def patiently(action: Callable[[], T], pauses: Sequence[float], *, answered: bool = False) -> T:
    """Do something, and after each pause again where what went wrong may pass.

    Parameters
    ----------
    action
        What to do.
    pauses
        How long to wait before each new try, in seconds.
    answered
        Whether the store has answered before. One that never did is not asked again: its address
        is wrong.
    """
    for pause in pauses:
        try:
            return action()
        except Exception as error:
            if not _may_pass(error, answered):
                raise
        _wait(pause)
    return action()


def status_of(error: BaseException) -> int | None:
    """Return the status of HTTP that an error stands for, if it does."""
    for cause in _causes(error):
        if _kinds(cause) & _BROKEN:
            # Below it is how the client itself puts it, as a status that no server gave.
            return None
        for name in _STATUS:
            status = getattr(cause, name, None)
            if isinstance(status, int) and status >= 400:
                return status
    return None


def _may_pass(error: Exception, answered: bool) -> bool:
    status = status_of(error)
    if status is not None:
        return status >= 500
    kinds = set().union(*map(_kinds, _causes(error)))
    if kinds & _DISTRUSTED or (kinds & _NEVER_THERE and not answered):
        return False
    return bool(kinds & _BROKEN)


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _causes(error: BaseException) -> Iterator[BaseException]:
    # fsspec says of whatever goes wrong over HTTP that the file is not there, and why as its cause.
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _wait(seconds: float) -> None:
    # In slices: who is told to stop, is so between two lines of Python.
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(_SLICE)
