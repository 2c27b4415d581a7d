"""Batches by user become tables in which each user is whole."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from clicksession.engines.frames.whole_users import whole_users

USERS = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.integers(1, 6)))


@given(users=USERS, size=st.integers(1, 5), rows=st.integers(1, 12))
def test_each_user_is_in_one_table(
    users: list[tuple[str | None, int]], size: int, rows: int
) -> None:
    # Nulls come first, as Spark sorts them.
    column = sorted((user for user, count in users for _ in range(count)), key=lambda u: u or "")
    table = pa.table({"user": pa.array(column, pa.string()), "n": range(len(column))})
    found = list(whole_users(table.to_batches(max_chunksize=size), "user", rows))
    if not column:
        assert not found
        return
    assert pa.concat_tables(found) == table
    each = [set(one["user"].to_pylist()) for one in found]
    assert sum(map(len, each)) == len(set(column))
    assert all(one.num_rows >= rows for one in found[:-1])
