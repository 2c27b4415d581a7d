"""Why a session began, as it stands in ``start_reason``: one spelling for every engine.

Where several rules would begin a session at the same event, the first in this order is the
reason: ``first``, ``given``, ``timeout``, ``midnight``, a change (of the column that the rules name
first), an event that starts one, an event that ended the one before, and then the limits:
``timeout`` where it is measured from the start, a change where values count on within a session
only, ``max_duration``, ``max_events``, ``max_rate``.
"""

__all__ = [
    "FIRST",
    "GIVEN",
    "MAX_DURATION",
    "MAX_EVENTS",
    "MAX_RATE",
    "MIDNIGHT",
    "TIMEOUT",
    "after",
    "change_of",
    "column",
    "event",
]

FIRST = "first"
GIVEN = "given"
TIMEOUT = "timeout"
MIDNIGHT = "midnight"
MAX_DURATION = "max_duration"
MAX_EVENTS = "max_events"
MAX_RATE = "max_rate"


def change_of(name: str) -> str:
    """Return the reason of a session that began as a column changed."""
    return f"change:{name}"


def event(event_type: str) -> str:
    """Return the reason of a session that began with an event of this type."""
    return f"event:{event_type}"


def column(name: str) -> str:
    """Return the reason of a session that began with an event that this column marks."""
    return f"column:{name}"


def after(cause: str) -> str:
    """Return the reason of a session that began after an event, itself given as a reason.

    Examples
    --------
    >>> after(event("logout"))
    'after_event:logout'
    """
    return f"after_{cause}"
