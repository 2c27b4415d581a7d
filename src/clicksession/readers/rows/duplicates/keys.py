"""What makes two rows one event: the key of duplicates, as users say it and as targets keep it."""

from collections.abc import Sequence
from typing import Literal

from clicksession.errors import ParameterError

__all__ = ["EVENT_ID", "MOMENT", "NONE", "ROW", "DropDuplicates", "RowKey", "as_key", "as_said"]

DropDuplicates = Literal["event_id", "row"] | Sequence[str] | None
"""What users give as `drop_duplicates`."""

RowKey = Literal["event_id", "event_id,user_id,timestamp", "row", "none"]

EVENT_ID: RowKey = "event_id"
MOMENT: RowKey = "event_id,user_id,timestamp"
ROW: RowKey = "row"
NONE: RowKey = "none"

_THREE = ("event_id", "user_id", "timestamp")


def as_key(said: DropDuplicates, who: str) -> RowKey:
    """Return the key that a user asks for.

    Raises
    ------
    ParameterError
        There is no such key.

    Examples
    --------
    >>> as_key(["event_id", "user_id", "timestamp"], "run")
    'event_id,user_id,timestamp'
    """
    if said is None:
        return NONE
    if isinstance(said, str):
        if said in (EVENT_ID, ROW):
            return EVENT_ID if said == EVENT_ID else ROW
    elif isinstance(said, list | tuple) and sorted(map(str, said)) == sorted(_THREE):
        return MOMENT
    elif isinstance(said, list | tuple) and list(said) == [EVENT_ID]:
        return EVENT_ID
    must = "'event_id', ['event_id', 'user_id', 'timestamp'], 'row' or None"
    raise ParameterError(who, "drop_duplicates", must, said)


def as_said(key: RowKey) -> str:
    """Return a key as code would say it."""
    return {EVENT_ID: "'event_id'", MOMENT: str(list(_THREE)), ROW: "'row'"}.get(key, "None")
