"""Batches that come by user, put together such that each piece holds its users whole."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["whole_users"]

# A call of the arrays costs about a millisecond: of so many rows, that is nothing.
_ROWS = 2**17


def whole_users(
    batches: Iterable[pa.RecordBatch], user: str, rows: int = _ROWS
) -> Iterator[pa.Table]:
    """Yield tables of some `rows`, or of one user who has more.

    Parameters
    ----------
    batches
        Rows in which those of one user come one after another.
    user
        The column that says whose they are.
    rows
        How many a table has at least, but for the last.
    """
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        edge = _start_of_last(batch, user)
        enough = sum(each.num_rows for each in waiting) + edge >= rows
        if enough and (edge or _differ(waiting[-1], batch, user)):
            yield pa.Table.from_batches([*waiting, batch.slice(0, edge)])
            waiting = [batch.slice(edge)]
        else:
            waiting.append(batch)
    if waiting:
        yield pa.Table.from_batches(waiting)


def _start_of_last(batch: pa.RecordBatch, user: str) -> int:
    """Return from which row on a batch is of its last user."""
    users = batch.column(user)
    own = _same(users, users[-1])
    return int(batch.num_rows - (pc.sum(own).as_py() or 0))


def _differ(before: pa.RecordBatch, batch: pa.RecordBatch, user: str) -> bool:
    """Say whether another user begins with a batch."""
    return not _same(batch.column(user).slice(0, 1), before.column(user)[-1])[0].as_py()


def _same(users: pa.Array, one: pa.Scalar) -> pa.Array:
    """Say which users are this one; those that nobody knows are one."""
    return pc.equal(users, one) if one.is_valid else pc.is_null(users)
