"""Rows that have the id of a stored event, and are another user's or of another time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["WHOSE", "Conflicts", "conflicts_of"]

#: The columns in which rows of one id should agree, behind the id.
WHOSE = ("event_id", "user_id", "timestamp")


@dataclass(frozen=True)
class Conflicts:
    """How many rows there are, and the id of one of them."""

    count: int = 0
    event_id: object = None


def conflicts_of(dropped: pa.Table, kept: pa.Table) -> Conflicts:
    """Compare rows that were left out with those of the same ids that are kept.

    Both have the columns `WHOSE`, in the same types.
    """
    if not dropped.num_rows or not kept.num_rows:
        return Conflicts()
    places = pc.index_in(dropped["event_id"], value_set=kept["event_id"])
    known = places.is_valid()
    dropped, others = dropped.filter(known), kept.take(places.drop_null())
    differs = np.zeros(dropped.num_rows, dtype=bool)
    for name in WHOSE[1:]:
        one, other = dropped[name], others[name]
        equal = pc.equal(one, other).fill_null(False)
        both_null = pc.and_(one.is_null(), other.is_null())
        differs |= ~np.asarray(pc.or_(equal, both_null))
    count = int(differs.sum())
    return Conflicts(count, dropped["event_id"][int(np.argmax(differs))].as_py() if count else None)
