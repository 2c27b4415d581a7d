"""Compare a metric's answer, over a frame or a database, with the oracle's."""

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest


def plain(value: Any) -> Any:
    """Return a value of a table as a plain one, the same from every database."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        # An hour is an instant; all else that a frame makes a time of is a day.
        return value.date() if value.tzinfo is None else value.to_pydatetime()
    if hasattr(value, "item"):
        value = value.item()
    return value


def close(found: Any, expected: Any) -> bool:
    if found is None or expected is None or isinstance(expected, str | date):
        return bool(found == expected)
    return bool(found == pytest.approx(float(expected), rel=1e-9, abs=1e-12))


def rows_of(frame: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a frame of any library."""
    frame = frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()
    return [tuple(map(plain, row)) for row in frame.astype(object).itertuples(index=False)]


def check_number(metric: Any, found: Any, expected: dict[Any, float | None]) -> None:
    """Compare a number, or a number for each key."""
    if not metric.by:
        wanted = expected.get(())
        assert close(found, wanted), (metric, found, wanted)
        return
    width = len(metric.by)
    got = {row[:width]: row[width] for row in rows_of(found)}
    assert list(got) == sorted(expected, key=_nulls_last), metric
    for key, value in got.items():
        assert close(value, expected[key]), (metric, key, value, expected[key])


def check_rows(metric: Any, found: pd.DataFrame, expected: list[tuple[Any, ...]]) -> None:
    """Compare a table, row by row, in order."""
    got = rows_of(found)
    assert len(got) == len(expected), (metric, got, expected)
    for row, wanted in zip(got, expected, strict=True):
        same = len(row) == len(wanted) and all(map(close, row, wanted))
        assert same, (metric, row, wanted)


def _nulls_last(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(part is None, "" if part is None else part) for part in key]
