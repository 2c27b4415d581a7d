"""Made-up logs: seeded, and made by array operations, so that making them takes seconds.

A log of N events has N/10 users and N/5 sessions of about five events, within
30 days, with a few minutes between the events of a session. Some gaps are
exactly the timeout and some a microsecond longer: a method that rounds, or
splits at the timeout itself, gives other numbers, and the check finds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "FLAT",
    "SHAPES",
    "Log",
    "in_shape",
    "is_later",
    "log",
    "shuffled",
    "sorted_by_time",
    "webshop_frame",
    "with_text_users",
    "write_flat",
    "write_narrow",
    "write_webshop",
    "write_webshop_days",
]

Integers = npt.NDArray[np.int64]

FLAT = """
SELECT id AS event_id, event."customer-id" AS user_id, event.timestamp::TIMESTAMP AS timestamp,
    type AS event_type, event."user-agent" AS event_user_agent, event.ip AS event_ip,
    event.page AS event_page
FROM read_json(?, format = 'newline_delimited')
"""
"""What the columns of the log are called in a table."""

TIMEOUT = 30 * 60 * 10**6
_START = 1_714_521_600 * 10**6  # 2024-05-01
_SPAN = 30 * 86_400 * 10**6
_MEAN_GAP = 2.5 * 60 * 10**6
_SHARE_AT_TIMEOUT = 0.002
_SHARE_UNKNOWN = 0.05
_LINES_PER_CHUNK = 100_000
_EVENTS_PER_MONTH = 1_000_000

_TYPES = ("page_view", "search", "add_product_to_cart", "placed_order")
_TYPE_SHARES = (0.75, 0.13, 0.08, 0.04)
_PLATFORMS = (
    "X11; Linux x86_64",
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
)


@dataclass(frozen=True)
class Log:
    """Who did something, and when: microseconds since 1970, in no order."""

    users: Integers
    times: Integers
    user_count: int


def log(events: int, seed: int) -> Log:
    """Return the users and times of a log, session by session."""
    random = np.random.default_rng(seed)
    user_count, session_count = max(1, events // 10), max(1, events // 5)
    sessions = np.sort(random.integers(0, session_count, events))
    gaps = np.minimum(random.exponential(_MEAN_GAP, events), TIMEOUT - 1).astype(np.int64)
    special = random.random(events)
    gaps[special < _SHARE_AT_TIMEOUT] = TIMEOUT
    gaps[special > 1 - _SHARE_AT_TIMEOUT] = TIMEOUT + 1
    since = np.cumsum(gaps)
    first = np.searchsorted(sessions, sessions, side="left")
    started = _START + random.integers(0, _SPAN, session_count)
    owners = random.integers(1, user_count + 1, session_count)
    return Log(owners[sessions], started[sessions] + since - since[first], user_count)


SHAPES = ("even", "a third of one user", "one event each", "Zipf")
"""How the events of a log may be spread over its users."""


def in_shape(events: Log, shape: str, seed: int) -> Log:
    """Return a log whose events are spread over users in one of `SHAPES`."""
    users, random = events.users.copy(), np.random.default_rng(seed)
    if shape == "a third of one user":
        users[random.random(len(users)) < 1 / 3] = 1
    elif shape == "one event each":
        users = np.arange(1, len(users) + 1)
    elif shape == "Zipf":
        users = random.zipf(1.3, len(users)) % events.user_count + 1
    return Log(users, events.times, int(users.max()))


def sorted_by_time(events: Log) -> pd.DataFrame:
    """Return a log as a service writes it: one event after the other."""
    return _frame(events, np.argsort(events.times, kind="stable"))


def shuffled(events: Log, seed: int) -> pd.DataFrame:
    """Return a log in random order."""
    return _frame(events, np.random.default_rng(seed).permutation(len(events.times)))


def with_text_users(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose users are texts, ``user-00000042``."""
    texts = _texts("user-{:08d}", int(frame["user_id"].max()) + 1)
    return frame.assign(user_id=_column(texts.take(pa.array(frame["user_id"]))))


def webshop_frame(events: int, seed: int) -> pd.DataFrame:
    """Return a log of five columns, in order of time: as `read_events` gives it."""
    frame = sorted_by_time(log(events, seed))
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "event_id": pd.array(np.arange(1, events + 1), dtype="Int64"),
            "user_id": pd.array(frame["user_id"].to_numpy(), dtype="Int64"),
            "timestamp": frame["timestamp"].dt.tz_localize("UTC"),
            "event_type": _column(_types(random, events)),
            "page": _column(_pages(random, events)),
        }
    )


def write_webshop(path: Path, events: int, seed: int, shape: str = "even") -> Path:
    """Write a log, in order of time, as one JSON object per line, of about 330 bytes.

    One event in twenty is of an unknown customer, as in real logs.
    """
    with path.open("wb") as file:
        frame = sorted_by_time(in_shape(log(events, seed), shape, seed))
        frame["id"] = np.arange(1, len(frame) + 1)
        for line_block in _line_blocks(frame, seed):
            file.write(line_block)
    return path


def write_narrow(path: Path, events: int, seed: int) -> Path:
    """Write a log of any length, in order of time, of four fields and about 100 bytes a line.

    A month of a million events follows another; half of the users of each are those of the next.
    """
    months = max(1, events // _EVENTS_PER_MONTH)
    with path.open("wb") as file:
        for month in range(months):
            made = log(events // months, seed + month)
            users = made.users + month * made.user_count // 2
            times = made.times - (months - 1 - month) * _SPAN
            frame = sorted_by_time(Log(users, times, made.user_count))
            first = month * len(frame) + 1
            frame["id"] = np.arange(first, first + len(frame))
            for line_block in _narrow_blocks(frame, seed):
                file.write(line_block)
    return path


def write_flat(lines: Path, path: Path) -> Path:
    """Write what `write_webshop` wrote once more, as CSV or Parquet with canonical columns."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({FLAT}) TO '{path}'", [str(lines)])
    return path


def write_webshop_days(first: Path, more: Path, events: int, seed: int) -> None:
    """Write a log in random order, and a hundredth more: what came later, and a few late events.

    Two folders get files of a hundred thousand lines.
    """
    size = max(10, events // 100)
    frame = sorted_by_time(log(events + size, seed))
    frame["id"] = np.arange(1, len(frame) + 1)
    is_more = is_later(events, size, seed)
    for folder, part in ((first, frame[~is_more]), (more, frame[is_more])):
        order = np.random.default_rng(seed).permutation(len(part))
        for number, line_block in enumerate(_line_blocks(part.iloc[order], seed)):
            (folder / f"part-{number:05}.json").write_bytes(line_block)


def is_later(events: int, size: int, seed: int) -> npt.NDArray[np.bool_]:
    """Say of each event, in order of time, whether it comes later; of those, a tenth is late."""
    late = np.random.default_rng(seed).choice(events, size // 10, replace=False)
    is_more = np.arange(events + size) >= events + size // 10
    is_more[late] = True
    return is_more


def _frame(events: Log, rows: Integers) -> pd.DataFrame:
    times = events.times[rows].view("datetime64[us]")
    return pd.DataFrame({"user_id": events.users[rows], "timestamp": times})


def _line_blocks(frame: pd.DataFrame, seed: int) -> Iterator[memoryview]:
    random = np.random.default_rng(seed)
    agents = pa.array(list(_agents()))
    for first in range(0, len(frame), _LINES_PER_CHUNK):
        part = frame.iloc[first : first + _LINES_PER_CHUNK]
        users, size = part["user_id"].to_numpy(), len(part)
        customers = pa.array(users, mask=random.random(size) < _SHARE_UNKNOWN)
        times = pa.array(part["timestamp"]).cast(pa.string())
        lines = _joined(
            '{"id": ',
            pa.array(part["id"].to_numpy()),
            ', "type": "',
            _types(random, size),
            '", "event": {"user-agent": "',
            agents.take(pa.array(users % len(agents))),
            '", "ip": "',
            _addresses(users),
            '", "customer-id": ',
            pc.fill_null(customers.cast(pa.string()), "null"),
            ', "timestamp": "',
            pc.replace_substring(times, " ", "T"),
            '", "page": "',
            _pages(random, size),
            '"}}\n',
        )
        # The texts of an Arrow array lie one behind the other: the buffer is the file.
        yield memoryview(lines.buffers()[2])


def _narrow_blocks(frame: pd.DataFrame, seed: int) -> Iterator[memoryview]:
    random = np.random.default_rng(seed)
    for first in range(0, len(frame), _LINES_PER_CHUNK):
        part = frame.iloc[first : first + _LINES_PER_CHUNK]
        lines = _joined(
            '{"event_id": ',
            pa.array(part["id"].to_numpy()),
            ', "user_id": ',
            pa.array(part["user_id"].to_numpy()),
            ', "timestamp": "',
            pa.array(part["timestamp"]).cast(pa.string()),
            '", "event_type": "',
            _types(random, len(part)),
            '"}\n',
        )
        yield memoryview(lines.buffers()[2])


def _types(random: np.random.Generator, size: int) -> pa.Array:
    kinds = random.choice(len(_TYPES), size, p=_TYPE_SHARES)
    return pa.array(_TYPES).take(pa.array(kinds))


def _pages(random: np.random.Generator, size: int) -> pa.Array:
    products = _texts("https://www.webshop.example/catalogue/outdoor/products/{}/details", 5000)
    return products.take(pa.array(random.integers(0, len(products), size)))


def _agents() -> Iterator[str]:
    for platform in _PLATFORMS:
        for version in range(100, 130):
            engine = f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0"
            yield f"Mozilla/5.0 ({platform}) {engine} Safari/537.36"


def _addresses(users: Integers) -> pa.Array:
    # The network for benchmarks, RFC 2544.
    parts = [pa.array(users >> 8 & 127), ".", pa.array(users & 255), ".", pa.array(users % 251)]
    return _joined("198.", *parts)


def _texts(pattern: str, count: int) -> pa.Array:
    return pa.array([pattern.format(number) for number in range(count)])


def _joined(*parts: pa.Array | str) -> pa.Array:
    texts = [part if isinstance(part, str) else part.cast(pa.string()) for part in parts]
    return pc.binary_join_element_wise(*texts, "")


def _column(texts: pa.Array) -> pd.Series:
    return pd.Series(texts.to_pandas(), dtype="str")
