"""Which stored events are meant: a user's, or those of a window of time."""

import re
from typing import Any, cast

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, and_, false, or_

from clicksession.arrow import FLOAT_HOLDS, is_text, text_of
from clicksession.errors import ParameterError
from clicksession.readers.rows.ids import as_ids
from clicksession.writers.tables.columns import arrow_type
from clicksession.writers.tables.storable import stored_id
from clicksession.writers.tables.target import Target

__all__ = ["events_of", "user_ids", "within"]

_WHOLE = re.compile(r"0|-?[1-9]\d{0,18}")


def user_ids(user_id: Any, *, who: str) -> tuple[str, ...]:
    """Return the texts of a user's id, as tables have it: as it is, and as readers spell it.

    Raises
    ------
    ParameterError
        It is nobody's: true, false, a null or NaN.

    Examples
    --------
    >>> user_ids(7.0, who="delete_user"), user_ids("7.0", who="delete_user")
    (('7',), ('7.0', '7'))
    """
    must = "the id of a user, as a text or a number"
    if pd.api.types.is_bool(user_id) or (pd.api.types.is_scalar(user_id) and pd.isna(user_id)):
        raise ParameterError(who, "user_id", must, user_id)
    if pd.api.types.is_float(cast(Any, user_id)):
        spelled = as_ids(pa.chunked_array([[float(cast(Any, user_id))]])).column
        return (str(spelled[0]),)
    text = str(user_id) if pd.api.types.is_integer(user_id) else text_of(user_id)
    try:
        read = as_ids(pa.chunked_array([[text]], pa.string())).column[0].as_py()
    except UnicodeEncodeError:
        raise ParameterError(who, "user_id", "of whole characters", user_id) from None
    return tuple(dict.fromkeys((text,) if read is None else (text, read)))


def events_of(target: Target, user_id: Any, *, who: str) -> ColumnElement[bool]:
    """Return what picks a user's events: the id is told by its text, as everywhere.

    Raises
    ------
    ParameterError
        It is a float that may stand for several of the whole numbers that the users are.
    """
    column = target.events.c.user_id
    texts = [stored_id(text) for text in user_ids(user_id, who=who)]
    kind = arrow_type(column.type)
    if is_text(kind):
        return _is_one_of(column, texts)
    if pd.api.types.is_float(cast(Any, user_id)) and abs(float(user_id)) > FLOAT_HOLDS:
        must = f"a whole number or a text: beyond {FLOAT_HOLDS} a float has lost digits"
        raise ParameterError(who, "user_id", must, user_id)
    numbers = [int(text) for text in texts if _WHOLE.fullmatch(text)]
    return _is_one_of(column, [number for number in numbers if -(2**63) <= number < 2**63])


def _is_one_of(column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    # Not `in_`: loaders hand a compiled statement to the driver, with no list written out.
    return or_(false(), *(column == value for value in values))


def within(target: Target, since: Any, until: Any) -> ColumnElement[bool]:
    """Return what picks the events from one moment up to, and without, another."""
    time = target.events.c.timestamp
    return and_(time >= since.to_pydatetime(), time < until.to_pydatetime())
