"""Sessions that a tracker gave: what has one value in a column, of one user.

User and value together are cut as if they were a user, by whatever other rules there are. Only the
numbers of the sessions, and with them the ids, are the user's: by the start, then by the value.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text, in_one, is_text
from clicksession.engines.arrays import Split, split_on
from clicksession.engines.boundaries import IdsOf, order_ties
from clicksession.engines.columns import Times, Users, as_arrow, read_ids
from clicksession.rules import Rules, reasons

__all__ = ["given_ids", "split_given"]

Integers = npt.NDArray[np.int64]

# Beyond this, a number of user and value in one could overflow.
_MOST = 2**62


def split_given(
    users: Users, times: Times, rules: Rules, events: pd.DataFrame, ids_of: IdsOf, *, who: str
) -> Split:
    """Return where sessions begin, of which a column says which event is of which.

    Parameters
    ----------
    users, times, rules, events, ids_of, who
        As for `clicksession.engines.arrays.split`.
    """
    assert rules.session_column is not None
    values = Users(given_ids(events[rules.session_column], who))
    owners = _owned(users, values)
    found = split_on(owners, times, rules, events, None, ids_of, who=who).split
    return _explained(_in_order_of_user(found, users, values))


def given_ids(column: pd.Series, who: str) -> pa.Array:
    """Return what was given, as `read_ids` reads ids; an empty text is none."""
    ids = as_arrow(column)
    if pa.types.is_floating(ids.type) or pa.types.is_boolean(ids.type):
        # As where a text beside them makes texts of all.
        ids = pc.cast(in_one(as_text(pa.chunked_array([ids]))), pa.large_string())
    else:
        ids = read_ids(column, who=who, parameter="session_column")
    if is_text(ids.type):
        ids = pc.if_else(pc.equal(ids, ""), pa.scalar(None, ids.type), ids)
    return ids


def _owned(users: Users, values: Users) -> Users:
    """Return one code for user and value together."""
    codes, others = users.codes, values.codes
    if len(codes) and (int(codes.max()) + 1) * (int(others.max()) + 1) > _MOST:
        codes, others = (np.unique(each, return_inverse=True)[1] for each in (codes, others))
    width = int(others.max(initial=0)) + 1
    return Users(pa.array(codes * width + others, mask=~(users.known & values.known)))


def _in_order_of_user(found: Split, users: Users, values: Users) -> Split:
    """Return a split by user and value with the sessions of each user in order of their start.

    Of those that start at one moment, the one with the lesser value comes first, as a text.
    """
    first = found.rows[found.starts]
    owners = users.codes[first]
    order = np.lexsort((found.started_at, owners))

    def texts_of(sessions: Integers) -> pa.Array:
        return values.of_rows(first[sessions]).cast(pa.large_string())

    # Several sessions of one value stay in the order in which they came.
    order_ties(order, owners, found.started_at, texts_of)
    counts = found.event_counts[order]
    starts = np.cumsum(counts) - counts
    places = np.arange(len(found.rows)) + np.repeat(found.starts[order] - starts, counts)
    return replace(
        found,
        users=users,
        rows=found.rows[places],
        starts=starts,
        user_codes=owners[order],
        started_at=found.started_at[order],
        ended_at=found.ended_at[order],
        causes=found.reasons.take(pa.array(order)),
    )


def _explained(split: Split) -> Split:
    """Let the first session of a value say so, unless it is the first of its user."""
    causes = pc.if_else(pc.equal(split.reasons, reasons.FIRST), reasons.GIVEN, split.reasons)
    causes = pc.if_else(pa.array(split.indexes == 1), reasons.FIRST, causes)
    return replace(split, causes=causes.cast(pa.large_string()))
