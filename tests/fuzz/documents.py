"""Files that are nearly right: what a fuzzer of bytes would need long to come upon."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.target import SEEDS

__all__ = ["documents"]

_TEXT = st.text(max_size=8) | st.sampled_from(["", "-", "NaN", "007", "\ud800", "\x00", '"', "\\"])
_NUMBER = st.sampled_from([0, -1, 2**53 + 1, 2**63, -(2**64), 10**400, 1.5, -0.0, 1e308]) | (
    st.integers() | st.floats(allow_nan=True)
)
_TIME = st.sampled_from(
    [
        "2024-05-01",
        "2024-05-01T10:00:00.123456789+05:30",
        "2024-05-01 10:00:00Z",
        "24:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01",
        "-292278-01-01",
        1714557600,
        1714557600123,
        "1714557600123456",
        -1,
        True,
        None,
        [],
        {},
    ]
)
_SCALAR = st.none() | st.booleans() | _NUMBER | _TEXT
_VALUE = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_PAIR = st.fixed_dictionaries(
    {},
    optional={
        "key": _SCALAR,
        "value": _SCALAR | st.dictionaries(st.sampled_from(["int_value", "x"]), _SCALAR),
    },
)
_EVENT = st.fixed_dictionaries(
    {},
    optional={
        "user_id": _SCALAR,
        "timestamp": _TIME | _VALUE,
        "a": _VALUE,
        "a.b": _VALUE,
        "A": _VALUE,
        "session_id": _SCALAR,
        "p": st.lists(_PAIR, max_size=3) | _VALUE,
        "e": st.lists(_VALUE, max_size=3) | _VALUE,
    },
)


@st.composite
def documents(draw: st.DrawFn, format: str) -> bytes:
    """The bytes of a file of this format, somewhat wrong here and there."""
    content = draw({"json": _json()}.get(format, _changed(format)))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(content)))
        cut = draw(st.sampled_from([0, 0, 1, 5, len(content)]))
        new = draw(
            st.sampled_from([b"", b"\n", b'"', b"\x00", b"\xff", b"\r", b",", b"\t", b"{", b"\\"])
        )
        content = content[:place] + new + content[place + cut :]
    return content


@st.composite
def _json(draw: st.DrawFn) -> bytes:
    events = draw(st.lists(_EVENT, max_size=5))
    shape = draw(st.sampled_from(["lines", "array", "object", "columns", "indented", "mixed"]))
    if shape == "mixed":
        between = st.sampled_from(["", " ", ",", "\n", ",\n", "\n\ufeff", "\x1e", " x ", "\n  "])
        kinds = [lambda e: e, lambda e: [e], lambda e: {"events": [e], "meta": [{"name": "a"}]}]
        texts = [json.dumps(draw(st.sampled_from(kinds))(event)) for event in events]
        return _dumped("".join(text + draw(between) for text in texts))
    if shape == "lines":
        return _dumped("\n".join(json.dumps(event) for event in events))
    if shape == "indented":
        return _dumped("\n".join(json.dumps(event, indent=1) for event in events))
    if shape == "columns":
        names = {name for event in events for name in event}
        return _dumped(json.dumps({n: [event.get(n) for event in events] for n in sorted(names)}))
    return _dumped(json.dumps(events if shape == "array" else {"events": events}))


def _dumped(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def _changed(draw: st.DrawFn, format: str) -> bytes:
    """A seed with some of its fields replaced."""
    content = draw(st.sampled_from(SEEDS[format]))
    spaced = ("alb", "elb", "s3_access", "w3c", "weblog")
    marks = {"csv": b",", "csv-decoded": b",", "csv-by-option": b";", **dict.fromkeys(spaced, b" ")}
    mark = marks.get(format, b"\t")
    fields = content.split(mark)
    for _ in range(draw(st.integers(0, 4))):
        value: Any = draw(_SCALAR | _TIME)
        text = value if isinstance(value, str) else json.dumps(value)
        fields[draw(st.integers(0, len(fields) - 1))] = _dumped(text)
    return mark.join(fields) * draw(st.integers(1, 2))
