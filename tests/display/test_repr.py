"""What a value is written as: short, and the same value when it is pasted back."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from clicksession.durations import as_duration, as_text
from clicksession.pipeline import RunReport
from clicksession.rules.presets import PRESETS as RULES
from clicksession.schema.presets import PRESETS as SCHEMAS
from clicksession.sql import Tables
from clicksession.sql.tables import EventsOnly
from clicksession.writers.report import WriteReport

NAMES: dict[str, Any] = {
    **{name: getattr(m, name) for name in m.__all__},
    **{name: getattr(cs.formats, name) for name in ("CSV", "TSV", "Weblog")},
    **{name: getattr(cs, name) for name in ("EventSchema", "Join", "Local", "Rules", "Sum")},
    "EventsOnly": EventsOnly,
    "Tables": Tables,
    "column": sa.column,
}
TEXTS = st.text(min_size=1, max_size=6)
SOME = st.lists(TEXTS, max_size=3, unique=True).map(tuple)
DURATIONS = st.integers(1, 10**15).map(lambda count: timedelta(microseconds=count))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
PERIODS = st.builds(
    m.Period, st.sampled_from(["hour", "day", "month"]), st.sampled_from(["UTC", "Asia/Tokyo"])
)
EVENTS = st.one_of(TEXTS, st.builds(m.Role, TEXTS, SOME), st.integers(0, 9))
ALTERNATIVES = st.lists(EVENTS, min_size=1, max_size=2).map(tuple)
STEPS = st.lists(EVENTS | ALTERNATIVES, min_size=1, max_size=3).map(tuple)
PATHS = st.one_of(TEXTS, st.builds(cs.Join, TEXTS, TEXTS, separator=st.sampled_from([" ", "-"])))
FORMATS = st.one_of(
    st.none(),
    st.just("csv"),
    st.builds(cs.formats.CSV, delimiter=st.sampled_from(",;"), null_values=SOME),
    st.builds(cs.formats.TSV, skip=st.integers(0, 3)),
    st.builds(cs.formats.Weblog),
)
WRITABLE = st.one_of(
    st.builds(
        cs.Rules,
        st.one_of(DURATIONS, DURATIONS.map(as_text)),
        st.sampled_from(["same", "new"]),
        max_rate=st.none() | st.tuples(st.integers(1, 9), DURATIONS),
        max_duration=st.none() | DURATIONS,
        change=st.lists(st.sampled_from(["page", "campaign"]), max_size=2),
        excluded_events=SOME,
    ),
    st.builds(m.Role, TEXTS, SOME),
    PERIODS,
    st.builds(
        m.ConversionRate,
        events=EVENTS | st.lists(EVENTS, min_size=1, max_size=3).map(tuple),
        by=st.sampled_from([(), "country", ("country", "day"), sa.column("day"), m.Period("week")]),
        since=st.none() | MOMENTS,
    ),
    st.builds(m.Funnel, steps=STEPS, within=st.just("session") | DURATIONS.map(as_text)),
    st.builds(
        m.Retention, period=st.builds(m.Period, st.just("day")), first_events=st.none() | EVENTS
    ),
    st.builds(m.VisitsBeforeOrder, statistic=st.sampled_from(["median", "p90"])),
    st.builds(
        cs.EventSchema,
        user_id=PATHS | st.lists(PATHS, min_size=1, max_size=2).map(tuple),
        timestamp=st.just(cs.Local("time")) | st.just(cs.Sum({"a": "s", "b": "ms"})) | st.none(),
        keep=SOME,
        null_values=SOME,
        exclude=st.dictionaries(TEXTS, SOME, max_size=2),
        format=FORMATS,
    ),
    st.builds(Tables, prefix=TEXTS, first=st.just(("page",)), last=st.just({"left": "page"})),
    st.builds(EventsOnly, explained=st.booleans()),
)


def pasted(value: Any) -> Any:
    """Return what the text of a value makes."""
    return eval(repr(value), NAMES)


@given(WRITABLE)
def test_what_is_pasted_back_is_the_same(value: Any) -> None:
    assert pasted(value) == value
    assert type(pasted(value)) is type(value)


@pytest.mark.parametrize("name", RULES)
def test_every_preset_of_rules_can_be_pasted_back(name: str) -> None:
    rules = cs.Rules.preset(name)
    assert pasted(rules) == rules


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_preset_of_schemas_can_be_pasted_back(name: str) -> None:
    schema = cs.EventSchema.preset(name)
    assert pasted(schema) == schema
    assert pasted(schema).vocabulary == schema.vocabulary


SPELLED = {
    "Rules(timeout='30min')": cs.Rules(),
    "Rules(timeout='1h 30min', at_timeout='new')": cs.Rules("90min", "new"),
    "Rules(timeout=None, session_column='visit')": cs.Rules(None, session_column="visit"),
    "VisitsBeforeOrder()": m.VisitsBeforeOrder(),
    "ConversionRate(by=Period('day'))": m.ConversionRate(by="day", events=m.Role("order")),
    "ConversionRate(events='buy')": m.ConversionRate(events=["buy"]),
    "Count(by=column('day'))": m.Count(by=sa.column("day")),
    "Count(where=<country = 'NL'>)": m.Count(where=sa.column("country") == "NL"),
    "Count(since='2024-05-01', until='2024-05-01 12:30')": m.Count(
        since="2024-05-01", until=datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    ),
    "Funnel(steps=('view', ('cart', Role('order')), <price > 5>))": m.Funnel(
        steps=("view", ("cart", m.Role("order")), sa.column("price") > 5)
    ),
    "Funnel(steps=(('view', 'cart'),))": m.Funnel(steps=(("view", "cart"),)),
    "Period('week', zone='Asia/Tokyo')": m.Period("week", zone="Asia/Tokyo"),
    "Role('order', 'purchase')": m.Role("order", "purchase"),
    "EventSchema(user_id='user', rename={'a': 'b'})": cs.EventSchema(
        user_id="user", rename={"a": "b"}
    ),
    "EventSchema(user_id=Join('site', 'user'), format=CSV(delimiter=';'))": cs.EventSchema(
        user_id=cs.Join("site", "user"), format=cs.formats.CSV(delimiter=";")
    ),
    "Tables()": Tables(),
    "Tables(first={'landing': 'page'})": Tables(first={"landing": "page"}),
}  # fmt: skip


@pytest.mark.parametrize("text", SPELLED)
def test_only_what_differs_from_the_defaults_is_shown(text: str) -> None:
    assert repr(SPELLED[text]) == text


def test_every_metric_shows_no_more_than_it_was_given() -> None:
    needed = {"Attribution": {"source": "utm"}, "ExitPages": {"page": "page"}}
    needed |= {"LandingPages": {"page": "page"}, "Funnel": {"steps": ("a", "b")}}
    needed["TimeBetweenSteps"] = needed["Funnel"]
    kinds = [getattr(m, name) for name in m.__all__]
    metrics = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, m.Metric)]
    for kind in metrics[:]:
        if kind is m.Metric:
            continue
        given = needed.get(kind.__name__, {})
        shown = ", ".join(f"{name}={value!r}" for name, value in given.items())
        assert repr(kind(**given)) == f"{kind.__name__}({shown})"
        assert set(given) <= {each.name for each in fields(kind)}


def test_a_metric_of_somebody_elses_may_write_itself() -> None:
    class Mine(m.Count):
        def __repr__(self) -> str:
            return "mine"

    assert repr(Mine()) == "mine"


@given(DURATIONS)
def test_a_duration_as_text_is_exact(duration: timedelta) -> None:
    assert as_duration(as_text(duration), who="test", parameter="text") == duration


def test_reports_say_their_sentences() -> None:
    write = WriteReport(rows=3, events_added=2, duplicates=1, sessions_added=1)
    assert repr(write) == (
        "3 rows: 2 events added (0 of them without a session), 1 duplicates, 0 refused.\n"
        "Sessions: 1 added, 0 changed, 0 removed."
    )
    counts = {
        each.name: 0 for each in fields(RunReport) if each.name not in ("reading", "conflict")
    }
    for report in (RunReport(**counts), cs.ReadReport()):
        assert repr(report) == str(report)
        assert "=" not in repr(report)
    events = pd.DataFrame(
        {"user_id": [1], "timestamp": pd.to_datetime(["2024-05-01"]), "visit": [7]}
    )
    compared = cs.compare_sessions(events, given="visit")
    assert repr(compared) == str(compared)
    assert repr(cs.to_dbt(m.Count(), "duckdb")) == "<DbtModel count>"
