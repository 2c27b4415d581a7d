"""Columns of a user's frame, asked for by name."""

from collections.abc import Iterable

import pandas as pd

from clicksession.errors import ParameterError, did_you_mean

__all__ = ["column", "names_of_columns"]


def column(events: pd.DataFrame, name: object, who: str, parameter: str) -> pd.Series:
    """Return a column, or refuse a name that is no column."""
    if not isinstance(events, pd.DataFrame):
        raise ParameterError(who, "events", "a pandas DataFrame", type(events).__name__)
    if not isinstance(name, str) or name not in events.columns:
        known = [str(label) for label in events.columns]
        hint = f"{did_you_mean(str(name), known)} It has: {', '.join(known)}.".strip()
        raise ParameterError(who, parameter, "a column of the frame", name, hint)
    return events[name]


def names_of_columns(names: object, who: str, parameter: str) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    if isinstance(names, str):
        return (names,)
    found = tuple(names) if isinstance(names, Iterable) else ()
    if not found:
        raise ParameterError(who, parameter, "the name of a column, or several", names)
    return found
