"""Lists of pairs: by array operations and one by one, the same fields come out."""

import json
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import example, given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats.json.block import BlockParser, Closer
from clicksession.readers.formats.json.lines import LineParser
from tests.readers.test_exports import EXPORTS, FILES, plain

SCHEMA = cs.EventSchema(pairs=("p", "q.r"))


def read(content: bytes, schema: cs.EventSchema = SCHEMA) -> tuple[pd.DataFrame, Any]:
    MemoryFileSystem().pipe_file("/pairs", content)
    report = cs.ReadReport()
    found = cs.read_events(
        "memory://pairs", format="json", schema=schema, on_error="quarantine", report=report
    )
    kept = [(row.line, row.reason, row.raw) for row in report.quarantine]
    return found, (report.rows_read, report.refused, sorted(kept), report.changed_types)


def read_one_by_one(content: bytes) -> tuple[pd.DataFrame, Any]:
    with mock.patch.object(BlockParser, "parse", return_value=Closer.LINES):
        return read(content)


def log(lists: list[dict[str, Any]]) -> bytes:
    event = {"user_id": 1, "timestamp": "2024-05-01"}
    return "".join(json.dumps({**event, **fields}) + "\n" for fields in lists).encode()


def assert_alike(events: list[dict[str, Any]]) -> None:
    content = log(events)
    fast, account = read(content)
    slow, expected = read_one_by_one(content)
    assert account == expected
    pd.testing.assert_frame_equal(fast, slow, check_like=True)


KEYS = st.sampled_from(["a", "b", "a.n", "a.b", "", "page location", "2024-05-01", "None"])
TEXTS = st.sampled_from(["", "x", "007", "é", "2024-05-01T10:00:00Z", "NaN", "null", "9" * 17])
WHOLE = st.sampled_from([0, -1, 7, 2**53, 2**53 + 1, 2**63 - 1])
BROKEN = st.sampled_from([0.5, -0.0, 1.0, 1e15, 1e300])
INT_TEXTS = st.sampled_from(["0", "-0", "007", "-5", "9007199254740993", "9" * 18, "9" * 30, "x"])
TYPED = st.fixed_dictionaries(
    {},
    optional={
        "string_value": TEXTS | st.none(),
        "int_value": INT_TEXTS | st.none(),
        "double_value": WHOLE | BROKEN | st.none(),
        "float_value": BROKEN,
        "n": TEXTS | st.none(),
    },
)


def pairs(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pair = st.fixed_dictionaries({"key": KEYS}, optional={"value": value, "more": TEXTS})
    return st.lists(pair, max_size=4) | st.none()


def events_of(value: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    event = st.fixed_dictionaries(
        {"p": pairs(value)},
        optional={
            "q": st.fixed_dictionaries({"r": pairs(value)}),
            "p.a": WHOLE,
            "items": st.lists(WHOLE | BROKEN | st.dictionaries(KEYS, TEXTS, max_size=2)),
        },
    )
    return st.lists(event, min_size=1, max_size=6)


ONE_TYPE = st.dictionaries(st.sampled_from(["string_value", "n"]), TEXTS, max_size=2)
INTS = st.fixed_dictionaries({"int_value": INT_TEXTS})


@given(st.one_of(*map(events_of, (TYPED, ONE_TYPE, TEXTS, WHOLE, BROKEN, WHOLE | BROKEN, INTS))))
@example([{"p": [{"key": "a", "value": {"double_value": 1}}]}])
@example([{"p": [{"key": "a", "value": {"int_value": text}}]} for text in ("9" * 30, "1")])
@example([{"p": [{"key": "a", "more": float("nan")}]}])
@example(
    [
        {"p": [{"key": "a", "value": {t: v}}]}
        for t, v in {"x_value": 1e15, "string_value": "x"}.items()
    ]
)
@example([{"p": [{"key": "a", "value": 1}, {"key": "b", "value": 0.5}]}])
@example([{"p": [{"key": "a", "value": {"n": "x"}}, {"key": "a.n", "value": {"n": "y"}}]}])
@example([{"p": [{"key": "a", "value": "x"}, {"key": "a", "value": "y"}]}, {"p": []}])
@example([{"p": [{"key": "a", "value": {"string_value": "x", "int_value": "1"}}]}])
@example([{"p": [{"key": "a", "value": "x"}], "items": [1, 2.5, {"a": "x"}]}, {"items": []}])
def test_both_ways_agree(events: list[dict[str, Any]]) -> None:
    assert_alike(events)


ODD = st.recursive(
    st.none() | st.booleans() | TEXTS | WHOLE | BROKEN,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "p": st.lists(
                    st.fixed_dictionaries({}, optional={"key": ODD, "value": TYPED | ODD}) | ODD,
                    max_size=3,
                )
                | ODD
            },
        ),
        min_size=1,
        max_size=5,
    )
)
def test_both_ways_agree_on_what_is_odd(events: list[dict[str, Any]]) -> None:
    assert_alike(events)


@pytest.fixture
def none_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("lines were read one by one")

    monkeypatch.setattr(LineParser, "_line_by_line", refuse)


@pytest.mark.usefixtures("none_one_by_one")
def test_the_export_of_ga4_goes_whole_to_the_parser() -> None:
    content = (EXPORTS / FILES["ga4"]).read_bytes()
    # All but the first four are the same events again.
    found, (rows_read, *_) = read(content * 100, cs.EventSchema.preset("ga4"))
    assert (len(found), rows_read) == (4, 400)


@pytest.mark.usefixtures("none_one_by_one")
def test_pairs_of_several_types_and_lists_beside_them(tmp_path: Path) -> None:
    events = [
        {"p": [{"key": "a", "value": {"int_value": "7"}}], "items": []},
        {"p": [{"key": "a", "value": {"string_value": "x"}}], "items": [{"b": 1}, {"c": [0.5, 1]}]},
        {"p": [{"key": "a", "value": {"double_value": 2}}]},
        {"p": [{"key": "b", "value": {"double_value": 2}}, {"key": "c"}]},
    ]
    found, (*_, changed) = read(log(events))
    assert plain(found["p_a"]) == ["7", "x", "2", None]
    assert plain(found["p_b"]) == [None, None, None, 2.0]
    assert plain(found["p_c"]) == [None] * 4
    assert plain(found["items"]) == ["[]", '[{"b": 1}, {"c": [0.5, 1]}]', None, None]
    assert changed == {"p_a": ("number", "text")}
