"""Keywords: a misspelt one says what is meant, a former one works for a release and says its name.

What is true of each public function and class is asked of all of them.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.errors import ParameterError, UnknownParameterError, UnnamedParameterError
from clicksession.keywords import keywords
from clicksession.metrics import BounceRate, EngagementRate, Metric
from clicksession.sql import Tables

# What nobody calls with keywords: paths of a schema, and what functions answer with.
_NOT_ASKED = ("Join", "Local", "Sum", "Metric", "Quarantine")
_ANSWERS = ("Report", "Comparison", "DbtModel", "Identified", "Suggestion", "Suggestions")
_ANSWERS += ("Description",)
_MODULES = (cs, cs.metrics, cs.quality, cs.sql)

EVENTS = pd.DataFrame(
    {
        "user_id": ["ann", "ann", "bob"],
        "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:05", "2024-05-02 09:00"]),
        "event_type": ["view", "buy", "view"],
    }
)


def _public() -> dict[str, Callable[..., Any]]:
    found = {
        f"{module.__name__}.{name}": getattr(module, name)
        for module in _MODULES
        for name in module.__all__
        if callable(getattr(module, name)) and name not in _NOT_ASKED
    }
    return {name: each for name, each in found.items() if not name.endswith(_ANSWERS)}


PUBLIC = _public()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_value_too_many_says_which_names_there_are(name: str) -> None:
    called = PUBLIC[name]
    taken = inspect.signature(called).parameters.values()
    unnamed = [each for each in taken if each.kind is each.POSITIONAL_OR_KEYWORD]
    by_name = [each.name for each in taken if each.kind is each.KEYWORD_ONLY]
    if not by_name:
        return
    with pytest.raises(UnnamedParameterError, match=f"Known: {', '.join(by_name)}"):
        called(*[None for _ in unnamed], "one too many")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_misspelt_keyword_says_what_is_meant(name: str) -> None:
    called = PUBLIC[name]
    takes = [
        each.name
        for each in inspect.signature(called).parameters.values()
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    ]
    if not takes:
        return
    meant = max(takes, key=len)
    with pytest.raises(UnknownParameterError) as caught:
        called(**{f"{meant}x": 1})
    assert str(caught.value) == (
        f"{called.__name__}: there is no parameter '{meant}x'. Did you mean {meant!r}?"
    )


def test_it_is_the_error_that_python_has_for_it() -> None:
    with pytest.raises(TypeError, match=r"sessionize: .* Did you mean 'timeout'\?"):
        cs.sessionize(EVENTS, time_out="1h")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"compute: .* Did you mean 'tables'\?"):
        cs.metrics.Count().compute(EVENTS, table="web")


def test_what_is_like_nothing_gets_the_list() -> None:
    with pytest.raises(TypeError, match=r"Period: there is no parameter 'q'\. Known: unit, zone\."):
        cs.metrics.Period(q=1)  # type: ignore[call-arg]


def test_signatures_stay() -> None:
    assert list(inspect.signature(cs.summarize).parameters) == [
        *("sessionized", "user", "time", "first", "last", "counted_events")
    ]
    assert next(iter(inspect.signature(cs.Rules).parameters)) == "timeout"


@pytest.mark.parametrize("metric", [BounceRate, EngagementRate])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("views", "view_events"),
        ("conversions", "conversion_events"),
        ("heartbeats", "heartbeat_events"),
        ("autocaptures", "autocapture_events"),
    ],
)
def test_former_names_of_events_make_the_same_metric(metric: Any, old: str, new: str) -> None:
    said = f"{metric.__name__}: `{old}` is called `{new}` now"
    with pytest.warns(FutureWarning, match=said) as caught:
        made = metric(**{old: ("a", "b")})
    assert caught[0].filename == __file__
    assert made == metric(**{new: ("a", "b")})
    assert made.describe() == metric(**{new: ("a", "b")}).describe()
    with pytest.warns(FutureWarning, match=said):
        assert getattr(made, old) == ("a", "b")


def test_former_names_of_what_sessions_count() -> None:
    visits = cs.sessionize(EVENTS)
    with pytest.warns(FutureWarning, match="summarize: `conversions` is called `counted_events`"):
        found = cs.summarize(visits, conversions="buy")  # type: ignore[call-arg]
    pd.testing.assert_frame_equal(found, cs.summarize(visits, counted_events="buy"))
    with pytest.warns(FutureWarning, match="Tables: `conversions` is called `counted_events`"):
        tables = Tables(conversions="buy")  # type: ignore[call-arg]
    assert tables == Tables(counted_events="buy")
    with pytest.warns(FutureWarning, match="`conversions` is called `counted_events`"):
        assert tables.conversions == ("buy",)  # type: ignore[attr-defined]


def test_the_former_name_of_counting() -> None:
    import sqlalchemy as sa

    engine = sa.create_engine("duckdb:///:memory:")
    cs.SQLWriter(engine).write(EVENTS)
    writer = cs.SQLWriter(engine, tables=Tables(counted_events="buy"))
    with pytest.warns(FutureWarning, match="`count_conversions` is called `count_events` now"):
        writer.count_conversions()
    assert cs.load_sessions(engine)["buy_count"].tolist() == [1, 0]


def test_both_names_at_once_contradict_each_other() -> None:
    with pytest.raises(ParameterError, match="`view_events` must be given once"):
        BounceRate(views="a", view_events="a")  # type: ignore[call-arg]


def test_positions_and_copies_are_as_before() -> None:
    @keywords(size="width")
    @dataclass(frozen=True)
    class Box:
        width: int
        height: int = 1

    assert replace(Box(2), height=3) == Box(2, 3)
    with pytest.warns(FutureWarning, match="Box: `size` is called `width` now"):
        assert Box(size=2) == Box(2)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Box()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "kind", [cs.Rules, cs.EventSchema, BounceRate, cs.metrics.MinutesBeforeOrder]
)
def test_where_there_are_presets_each_has_its_name(kind: Any) -> None:
    presets = kind.presets()
    assert presets
    for name, preset in presets.items():
        assert preset == kind.preset(name)


def test_presets_take_changes() -> None:
    changed = cs.EventSchema.preset("ga4", zone="Europe/Paris")
    assert changed == replace(cs.EventSchema.preset("ga4"), zone="Europe/Paris")
    assert BounceRate.preset("snowplow", view_events="a", by="day") == BounceRate(
        definition="snowplow", view_events="a", by="day"
    )


@pytest.mark.parametrize("name", [n for n in cs.metrics.__all__ if n[0].isupper()])
def test_a_metric_says_which_presets_it_has(name: str) -> None:
    metric = getattr(cs.metrics, name)
    if not issubclass(metric, Metric) or metric is Metric:
        return
    known = list(metric.presets())
    with pytest.raises(cs.errors.UnknownNameError) as caught:
        metric.preset("nothing")
    assert caught.value.known == tuple(sorted(known))
    assert known or "It has none" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "several"),
    [
        (
            cs.metrics.Count(of="events", events="buy"),
            cs.metrics.Count(of="events", events=["buy"]),
        ),
        (cs.metrics.Count(by="day"), cs.metrics.Count(by=["day"])),
        (cs.metrics.Funnel(steps="buy"), cs.metrics.Funnel(steps=["buy"])),
        (cs.metrics.Role("x", called="buy"), cs.metrics.Role("x", called=["buy"])),
        (Tables(counted_events="buy"), Tables(counted_events=["buy"])),
        (Tables(first="page"), Tables(first=["page"])),
        (cs.Rules(change="page"), cs.Rules(change=["page"])),
        (cs.EventSchema(drop="page"), cs.EventSchema(drop=["page"])),
        (cs.EventSchema(user_id=("a", "b")), cs.EventSchema(user_id=["a", "b"])),
        (
            cs.EventSchema(vocabulary={"order": "buy"}),
            cs.EventSchema(vocabulary={"order": ["buy"]}),
        ),
    ],
)
def test_a_text_is_a_list_of_one(text: Any, several: Any) -> None:
    assert text == several
    assert hash(text) == hash(several)
