"""The order of events of one moment: what a schema says of it, in their ids.

Frames and tables put events of one user and one moment in order of their ids, by code points. An
id that begins with what the schema names therefore orders them everywhere alike, and needs nobody
to remember a further column.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.numerals import by_value
from clicksession.quality import content_ids
from clicksession.readers.rows.frames import to_pandas
from clicksession.readers.rows.joins import texts

__all__ = ["ids_in_order", "order_of"]

_WHOLE = r"^0*(?P<digits>0|[1-9][0-9]{0,25})$"
# One letter for each number of digits: of two numbers, the one with more is the greater.
_LETTERS = pa.array([chr(ord("a") + count) for count in range(26)])
_AFTER_NUMBERS, _AFTER_ALL, _BETWEEN = "{", "~", "."


def order_of(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return texts that sort as the columns do, compared one after another; null where all are.

    Whole numbers come first, as numbers, then other texts, then nulls.

    Examples
    --------
    >>> one, other = pa.chunked_array([["9", "10", None]]), pa.chunked_array([[1, 2, None]])
    >>> order_of([one, other]).to_pylist()
    ['a9.a1', 'b10.a2', None]
    """
    # By their value: beside a text, numbers are spelled as they were written.
    keys = [_sortable(by_value(texts(column))) for column in columns]
    known = reduce(pc.or_, (column.is_valid() for column in columns))
    return pc.if_else(known, pc.binary_join_element_wise(*keys, _BETWEEN), None)


def ids_in_order(
    ids: pa.ChunkedArray | None, order: pa.ChunkedArray, events: pa.Table
) -> pa.ChunkedArray:
    """Return ids of events that sort in their order; those without one keep what they have.

    Parameters
    ----------
    ids
        Their own ids, or None.
    order
        What `order_of` gave.
    events
        The events but for their ids: one without an id gets one made of its content.
    """
    own = pa.chunked_array([pa.nulls(len(order), pa.string())]) if ids is None else texts(ids)
    lacking = np.asarray(pc.and_(own.is_null(), order.is_valid()))
    if lacking.any():
        made = content_ids(to_pandas(events.filter(pa.array(lacking))))
        places = np.cumsum(lacking) - 1
        filled = made.cast(pa.string()).take(pa.array(places, mask=~lacking))
        own = pc.coalesce(own, pa.chunked_array([filled]))
    return pc.if_else(order.is_valid(), pc.binary_join_element_wise(order, own, "-"), own)


def _sortable(values: pa.ChunkedArray) -> pa.ChunkedArray:
    digits = pc.struct_field(pc.extract_regex(values, _WHOLE), "digits")
    lengths = pc.subtract(pc.utf8_length(digits), 1)
    numbers = pc.binary_join_element_wise(_LETTERS.take(lengths), digits, "")
    others = pc.binary_join_element_wise(_AFTER_NUMBERS, values, "")
    return pc.coalesce(numbers, others, _AFTER_ALL)
