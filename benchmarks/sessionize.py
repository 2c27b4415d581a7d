"""Split a frame of events into sessions: ``python -m benchmarks.sessionize``.

Two jobs, each from a pandas frame to the same frame with more columns, its rows
in the same order. "number": which of its user's sessions each event is in.
"whole": that and the text id, which is what `clicksession.sessionize` adds. And
"frames": the whole call, from other libraries' frames to theirs, next to what one would
write by hand for that library; lazy ones are collected. The call on a pandas frame is in
"whole" alone. All methods must give the same, to the microsecond, or the command fails.
"""

from collections.abc import Callable
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from clicksession import Rules, sessionize
from clicksession.engines.frames.pandas import text_array
from clicksession.engines.splitting import split_frame

Job = Callable[[pd.DataFrame], pd.DataFrame]

_BREAKS = f"""
    SELECT *, coalesce((microsecond - previous > {data.TIMEOUT})::INT, 1) AS opens FROM (
        SELECT *, lag(microsecond) OVER users AS previous
        FROM (SELECT *, epoch_us(timestamp) AS microsecond FROM events)
        WINDOW users AS (PARTITION BY user_id ORDER BY microsecond, row_number)
    )
"""
_SO_FAR = "PARTITION BY user_id ORDER BY microsecond, row_number ROWS UNBOUNDED PRECEDING"
_NUMBERS = f"""
    SELECT row_number, (sum(opens) OVER so_far)::BIGINT AS session_index
    FROM ({_BREAKS}) WINDOW so_far AS ({_SO_FAR})
"""
# The start of the session rides on the same window as the number: one sort for both.
_IDS = f"""
    SELECT row_number, session_index, user_id || ':' || started_at AS session_id FROM (
        SELECT row_number, user_id, (sum(opens) OVER so_far)::BIGINT AS session_index,
            max(CASE WHEN opens = 1 THEN microsecond END) OVER so_far AS started_at
        FROM ({_BREAKS}) WINDOW so_far AS ({_SO_FAR})
    )
"""
# What the relation is asked for: rows in no order, so that those of one moment need none either.
_BY_HAND = f"""
    SELECT user_id, timestamp, row_number, user_id || ':' || started_at AS session_id, session_index
    FROM (
        SELECT user_id, timestamp, row_number, (sum(opens) OVER users)::BIGINT AS session_index,
            max(CASE WHEN opens = 1 THEN microsecond END) OVER users AS started_at
        FROM (
            SELECT *, coalesce((microsecond - lag(microsecond) OVER users > {data.TIMEOUT})::INT, 1)
                AS opens
            FROM (SELECT *, epoch_us(timestamp) AS microsecond FROM events)
            WINDOW users AS (PARTITION BY user_id ORDER BY microsecond)
        ) WINDOW users AS (PARTITION BY user_id ORDER BY microsecond)
    )
"""


def ours_number(events: pd.DataFrame) -> pd.DataFrame:
    split = split_frame(events, Rules())
    return events.assign(session_index=pa.array(split.indexes).take(split.per_row()).to_numpy())


def duckdb_number_arrow(events: pd.DataFrame) -> pd.DataFrame:
    with _connected(events) as connection:
        found = connection.sql(_NUMBERS).to_arrow_table()
    # Cheaper than ORDER BY: each number goes straight to its row.
    numbers = np.empty(len(events), dtype=np.int64)
    numbers[found["row_number"].to_numpy()] = found["session_index"].to_numpy()
    return events.assign(session_index=numbers)


def duckdb_number_pandas(events: pd.DataFrame) -> pd.DataFrame:
    query = f"SELECT session_index FROM ({_NUMBERS}) ORDER BY row_number"
    with _connected(events) as connection:
        return events.assign(session_index=connection.sql(query).df()["session_index"].array)


def polars_sorted(events: pd.DataFrame) -> pd.DataFrame:
    opens_user = pl.col("user_id").ne_missing(pl.col("user_id").shift())
    sessions = pl.col("sessions")
    numbered = (
        pl.from_pandas(events)
        .lazy()
        .with_row_index("row_number")
        .sort("user_id", "timestamp", maintain_order=True)
        .with_columns(opens_user=opens_user)
        .with_columns(sessions=(pl.col("opens_user") | _after_a_pause()).cum_sum())
        .with_columns(before=pl.when("opens_user").then(sessions - 1).forward_fill())
        .sort("row_number")
        .select((sessions - pl.col("before")).cast(pl.Int64).alias("session_index"))
    )
    return events.assign(session_index=numbered.collect()["session_index"].to_numpy())


def polars_over(events: pd.DataFrame) -> pd.DataFrame:
    number = _after_a_pause().fill_null(True).cum_sum().over("user_id", order_by="timestamp")
    numbered = pl.from_pandas(events).lazy().select(session_index=number.cast(pl.Int64))
    return events.assign(session_index=numbered.collect()["session_index"].to_numpy())


def pandas_idiom(events: pd.DataFrame) -> pd.DataFrame:
    ordered = events.sort_values(["user_id", "timestamp"])
    gaps = ordered.groupby("user_id")["timestamp"].diff()
    opens = gaps.isna() | (gaps > pd.Timedelta(minutes=30))
    # Assigning brings the numbers back to the order of the rows, by the index.
    return events.assign(session_index=opens.groupby(ordered["user_id"]).cumsum())


def duckdb_whole_arrow(events: pd.DataFrame) -> pd.DataFrame:
    query = f"SELECT session_id, session_index FROM ({_IDS}) ORDER BY row_number"
    with _connected(events) as connection:
        found = connection.sql(query).to_arrow_table()
    return events.assign(
        session_id=text_array(found["session_id"].cast(pa.large_string()).combine_chunks()),
        session_index=found["session_index"].to_numpy(),
    )


def duckdb_whole_pandas(events: pd.DataFrame) -> pd.DataFrame:
    query = f"SELECT session_id, session_index FROM ({_IDS}) ORDER BY row_number"
    with _connected(events) as connection:
        found = connection.sql(query).df()
    return events.assign(session_id=found["session_id"], session_index=found["session_index"])


NUMBER: dict[str, Job] = {
    "clicksession, split_frame()": ours_number,
    "DuckDB LAG + SUM, Arrow out, put back": duckdb_number_arrow,
    "DuckDB LAG + SUM, ordered, pandas out": duckdb_number_pandas,
    "Polars sort, diff, cum_sum, sort back": polars_sorted,
    "Polars over(user, order_by=time)": polars_over,
    "pandas sort_values, diff, cumsum": pandas_idiom,
}
WHOLE: dict[str, Job] = {
    "clicksession.sessionize()": sessionize,
    "DuckDB, both columns, Arrow out": duckdb_whole_arrow,
    "DuckDB, both columns, pandas out": duckdb_whole_pandas,
}


def from_polars(events: pd.DataFrame) -> Callable[[], pl.DataFrame]:
    frame = pl.from_pandas(events)
    return lambda: sessionize(frame)


def from_lazy_polars(events: pd.DataFrame) -> Callable[[], pl.DataFrame]:
    frame = pl.from_pandas(events)
    return lambda: sessionize(frame.lazy()).collect()


def from_arrow(events: pd.DataFrame) -> Callable[[], pa.Table]:
    table = pa.Table.from_pandas(events, preserve_index=False)
    return lambda: sessionize(table)


def from_duckdb(events: pd.DataFrame) -> Callable[[], pa.Table]:
    relation = duckdb.from_arrow(pa.Table.from_pandas(numbered(events), preserve_index=False))
    return lambda: sessionize(relation).to_arrow_table()


def by_hand_sorted(events: pd.DataFrame) -> Callable[[], pl.DataFrame]:
    frame = pl.from_pandas(events)
    user, sessions = pl.col("user_id"), pl.col("sessions")
    query = (
        frame.lazy()
        .with_row_index("row_number")
        .sort("user_id", "timestamp", maintain_order=True)
        .with_columns(opens_user=user.ne_missing(user.shift()))
        .with_columns(opens=pl.col("opens_user") | _after_a_pause())
        .with_columns(sessions=pl.col("opens").cum_sum(), started=_started(pl.col("opens")))
        .with_columns(before=pl.when("opens_user").then(sessions - 1).forward_fill())
        .sort("row_number")
        .select(
            *frame.columns,
            session_id=pl.concat_str("user_id", pl.lit(":"), "started"),
            session_index=(sessions - pl.col("before")).cast(pl.Int64),
        )
    )
    return lambda: query.collect()


def by_hand_over(events: pd.DataFrame) -> Callable[[], pl.DataFrame]:
    frame = pl.from_pandas(events)
    opens = _after_a_pause().fill_null(True)
    both = pl.struct(number=opens.cum_sum().cast(pl.Int64), started=_started(opens))
    query = (
        frame.lazy()
        .with_columns(both=both.over("user_id", order_by="timestamp"))
        .select(
            *frame.columns,
            session_id=pl.concat_str("user_id", pl.lit(":"), pl.col("both").struct["started"]),
            session_index=pl.col("both").struct["number"],
        )
    )
    return lambda: query.collect()


def duckdb_by_hand(events: pd.DataFrame) -> Callable[[], pa.Table]:
    relation = duckdb.from_arrow(pa.Table.from_pandas(numbered(events), preserve_index=False))
    made = relation.query("events", _BY_HAND)
    assert made is not None  # only statements that give no rows do
    return made.to_arrow_table


def numbered(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events with their row numbers: a relation has no order to compare by."""
    return events.assign(row_number=np.arange(len(events)))


JOBS = {"number": NUMBER, "whole": WHOLE}
# Frames are made untimed: what is measured is what a user of that library waits for.
FRAMES: dict[str, Callable[[pd.DataFrame], Callable[[], object]]] = {
    "Polars lazy, collected": from_lazy_polars,
    "Polars by hand: sort, diff, sort back": by_hand_sorted,
    "Polars by hand: over(user, order_by)": by_hand_over,
    "Polars": from_polars,
    "pyarrow": from_arrow,
}
RELATIONS: dict[str, Callable[[pd.DataFrame], Callable[[], object]]] = {
    "DuckDB relation, Arrow out": from_duckdb,
    "DuckDB by hand, Arrow out": duckdb_by_hand,
}


def main() -> None:
    arguments = parser(__doc__, events=10_000_000, repeat=3)
    arguments.add_argument("--only", default="", help="tables with this in their title")
    given = announced(arguments)
    for name, make in _inputs(given.events, given.seed).items():
        chosen = {f"{job}, {name}": methods for job, methods in JOBS.items()}
        chosen = {title: methods for title, methods in chosen.items() if given.only in title}
        events = make() if chosen else pd.DataFrame()
        for title, methods in chosen.items():
            timed = [Method(method, partial(run, events)) for method, run in methods.items()]
            print_table(title, compare(timed, given.repeat, _agreement()))
        for job, makers in (("frames", FRAMES), ("relations", RELATIONS)):
            title = f"{job}, {name}"
            if given.only in title:
                events = events if len(events) else make()
                ways = [Method(method, prepared(events)) for method, prepared in makers.items()]
                print_table(title, compare(ways, given.repeat, _agreement()))


def _connected(events: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("events", events.assign(row_number=np.arange(len(events))))
    return connection


def _after_a_pause() -> pl.Expr:
    return pl.col("timestamp").diff() > pl.duration(minutes=30)


def _started(opens: pl.Expr) -> pl.Expr:
    return pl.when(opens).then(pl.col("timestamp").to_physical()).forward_fill()


def _inputs(events: int, seed: int) -> dict[str, Callable[[], pd.DataFrame]]:
    log = data.log(events, seed)
    return {
        "time-ordered, integer users": lambda: data.sorted_by_time(log),
        "time-ordered, text users": lambda: data.with_text_users(data.sorted_by_time(log)),
        "shuffled, integer users": lambda: data.shuffled(log, seed),
        "shuffled, text users": lambda: data.with_text_users(data.shuffled(log, seed)),
    }


def _agreement() -> Callable[[str, object], None]:
    """Return a check that every result has the sessions of the first."""
    first: dict[str, pa.ChunkedArray] = {}

    def check(method: str, result: object) -> None:
        table = _table(result)
        for name in {"session_id", "session_index"}.intersection(table.column_names):
            kind = pa.large_string() if name == "session_id" else pa.int64()
            found = table[name].cast(kind)
            if not first.setdefault(name, found).equals(found):
                raise ValueError(f"{method}: another {name} than the first method")

    return check


def _table(frame: object) -> pa.Table:
    """Return any frame as a table, in the order of its row numbers where it has them."""
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    if isinstance(frame, pl.DataFrame):
        frame = frame.to_arrow()
    assert isinstance(frame, pa.Table)
    return frame.sort_by("row_number") if "row_number" in frame.column_names else frame


if __name__ == "__main__":
    main()
