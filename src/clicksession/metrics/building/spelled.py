"""The parameters of a metric: as one types them, and as one reads them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from clicksession.display import Verbatim
from clicksession.durations import as_text, in_words
from clicksession.metrics.building.scope import is_named_as_a_unit
from clicksession.metrics.building.where import said
from clicksession.metrics.building.window import moment_as_text
from clicksession.metrics.roles import Role

__all__ = ["read", "typed"]


def typed(value: Any) -> Any:
    """Return a value as one types it: one of several alone, a duration and a time as text.

    Examples
    --------
    >>> typed(("view",)), typed((("view",), ("cart", "buy"))), typed((("cart", "buy"),))
    ('view', ('view', ('cart', 'buy')), (('cart', 'buy'),))
    """
    if isinstance(value, tuple):
        several = tuple(map(typed, value))
        # One step of several types is not the same as several steps.
        is_alone = len(several) == 1 and not isinstance(several[0], tuple)
        return several[0] if is_alone else several
    if isinstance(value, ColumnElement):
        return Verbatim(f"<{said(value)}>")
    if is_named_as_a_unit(value):
        return Verbatim(f"column({str(value)!r})")
    if isinstance(value, datetime):
        return moment_as_text(value)
    return as_text(value) if isinstance(value, timedelta) else value


def read(value: Any, last: str = ", ") -> str:
    """Return a value as one reads it.

    Examples
    --------
    >>> read((("view",), ("cart", Role("order"))))
    'view, cart or order'
    """
    if isinstance(value, tuple):
        return last.join(read(one, " or ") for one in value)
    if isinstance(value, ColumnElement):
        return said(value)
    if isinstance(value, Role):
        return value.name
    if isinstance(value, datetime):
        return f"{moment_as_text(value)} (UTC)"
    return in_words(value) if isinstance(value, timedelta) else str(value)
