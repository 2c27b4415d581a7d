"""Roles are played by what the schema, the target or the call says, whatever that is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from clicksession.errors import NotFoundWarning, NothingFoundError, ParameterError
from clicksession.metrics import Role
from clicksession.schema.presets import PRESETS
from clicksession.sql import Tables
from tests.metrics.building.test_nothing_found import log
from tests.metrics.check import check_number, check_rows
from tests.metrics.found import NOTHING, answered
from tests.metrics.logs import shop_logs
from tests.metrics.oracle import before_order, by_key, visits_of
from tests.metrics.oracles import NUMBERS, number, rows
from tests.readers.test_exports import EXPORTS, FILES

SEGMENT = cs.EventSchema.preset("segment")


def test_the_sentence_shows_the_names_that_it_came_to() -> None:
    rate = m.ConversionRate()
    assert rate.describe() == "The share of sessions that have a 'placed_order' event."
    said = rate.in_words_of(SEGMENT)
    assert said.describe() == "The share of sessions that have an 'Order Completed' event."
    assert said.in_words_of({"order": "buy"}) == said, "what is said stays"
    assert rate.in_words_of({"order": ("a", 3)}).describe().endswith("have an 'a' or '3' event.")
    assert rate.in_words_of({"cart": "x"}) is rate
    bounce = m.BounceRate(definition="snowplow").in_words_of(cs.EventSchema.preset("ga4"))
    for word in ("'page_view' or 'screen_view'", "'user_engagement'", "'purchase'"):
        assert word in bounce.describe()
    way = m.Funnel(steps=(Role("product_view"), "x", Role("order"))).in_words_of(SEGMENT)
    assert "'Product Viewed', then 'x', then 'Order Completed'" in way.describe()


def test_sql_without_a_connection_names_them_too() -> None:
    said = m.VisitsBeforeOrder().in_words_of(SEGMENT)
    for sql in (cs.to_sql(said, "snowflake"), cs.to_dbt(said, "snowflake").sql):
        assert "'Order Completed'" in sql
        assert "placed_order'" not in sql
    assert cs.to_sql(m.ConversionRate(events=Role("order")), "duckdb") == cs.to_sql(
        m.ConversionRate(events="placed_order"), "duckdb"
    )
    either = m.Funnel(steps=(Role("page_view"), Role("order", called="buy")))
    assert "IN ('page_view', 'screen_view', '$pageview')" in cs.to_sql(either, "postgresql")
    assert "event_type = 'buy'" in cs.to_sql(either, "postgresql")


def test_roles_that_only_this_log_knows() -> None:
    events = log("news", "view")
    rate = m.ConversionRate(events=Role("news"))
    assert rate.compute(events) == 0.5
    letter = m.ConversionRate(events=Role("newsletter"))
    assert letter.compute(events, vocabulary={"newsletter": "news"}) == 0.5
    with pytest.raises(NothingFoundError, match="looks for 'newsletter' events"):
        letter.compute(events)
    assert m.ConversionRate(events=Role("newsletter", "news")).compute(events) == 0.5


def test_a_type_that_is_called_as_a_role_is_hints_at_the_role(database: sa.Engine) -> None:
    events, words = log("Page", "buy"), {"page_view": "Page"}
    cs.run(events, database, schema=cs.EventSchema(vocabulary={"page_view": "Page"}))
    hint = r"The role of that name is played by 'Page' here: Role\('page_view'\)\."
    calls: list[Any] = [
        lambda metric: metric.compute(database),
        lambda metric: metric.compute(events, vocabulary=words),
    ]
    for compute in calls:
        with pytest.raises(NothingFoundError, match=hint):
            compute(m.Funnel(steps=("page_view",)))
        with pytest.warns(NotFoundWarning, match=hint):
            compute(m.Funnel(steps=("page_view", "buy")))
        assert compute(m.Funnel(steps=(Role("page_view"), "buy")))["reached"].tolist() == [2, 0]
    # Where nothing plays it, there is nothing to hint at.
    with pytest.raises(NothingFoundError) as caught:
        m.Funnel(steps=("page_view",)).compute(events)
    assert "Role(" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [None, 7, "order", {"order": 1.5}, {"": "x"}, {3: "x"}, ["order"]]
)
def test_what_is_no_vocabulary(wrong: Any) -> None:
    if wrong is not None:
        with pytest.raises(ParameterError, match="`vocabulary` must be a mapping of roles"):
            m.ConversionRate().compute(log("placed_order"), vocabulary=wrong)
    with pytest.raises(ParameterError):
        m.ConversionRate().in_words_of(wrong)
    with pytest.raises(ParameterError):
        cs.EventSchema(vocabulary={"order": 1.5})  # type: ignore[dict-item]
    for bad in ({"name": ""}, {"name": 3}, {"name": "order", "called": 1.5}):
        with pytest.raises(ParameterError, match="Role: "):
            Role(**bad)  # type: ignore[arg-type]


def test_a_target_keeps_the_vocabulary_of_its_schema(database: sa.Engine) -> None:
    events, rate = log("view", "buy", "pay"), m.ConversionRate()
    schema = cs.EventSchema(vocabulary={"order": ("buy", "nothing")})
    cs.run(events, database, schema=schema)
    assert rate.compute(database) == pytest.approx(1 / 3)
    assert "'buy' or 'nothing'" in rate.in_words_of(database).describe()
    assert "'buy' or 'nothing'" in m.compare([rate], database)["definition"][0]
    # What a call says goes before it, and what a parameter says before that.
    both = {"order": ("buy", "pay")}
    assert rate.compute(database, vocabulary=both) == pytest.approx(2 / 3)
    assert m.ConversionRate(events="view").compute(database) == pytest.approx(1 / 3)
    # A later run with another one, with none, and with an empty one.
    cs.run(events, database, schema=replace(schema, vocabulary=both))
    assert rate.compute(database) == pytest.approx(2 / 3)
    cs.run(events, database, schema=replace(schema, vocabulary={}))
    cs.run(events, database)
    assert rate.compute(database) == pytest.approx(2 / 3)
    cs.SQLWriter(database).keep_vocabulary({"order": 3, "cart": "view"})
    with pytest.raises(NothingFoundError, match="looks for '3' events"):
        rate.compute(database)
    cs.SQLWriter(database).keep_vocabulary({})
    assert m.ConversionRate(events=Role("cart")).compute(database) == pytest.approx(1 / 3)


def test_also_where_there_is_nothing_to_write(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    log("view", "buy").to_csv(file, index=False)
    cs.run(file, database_url)
    schema = cs.EventSchema(vocabulary={"order": "buy"})
    assert cs.run(file, database_url, schema=schema).files_skipped == 1
    assert m.ConversionRate().compute(database_url) == 0.5
    assert "'buy'" in m.ConversionRate().in_words_of(database_url).describe()


def test_other_targets_beside_it(database: sa.Engine) -> None:
    tables = {name: Tables(prefix=f"{name}_") for name in ("buy", "pay")}
    for name, there in tables.items():
        schema = cs.EventSchema(vocabulary={"order": name})
        cs.run(log("view", name), database, schema=schema, tables=there)
    for name, there in tables.items():
        assert m.ConversionRate().compute(database, tables=there) == 0.5
        assert name in m.ConversionRate().in_words_of(database, tables=there).describe()


def test_a_target_without_the_table_goes_on(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log("view", "placed_order"))
    assert not sa.inspect(database).has_table("clicksession_vocabulary")
    assert m.ConversionRate().compute(database) == 0.5
    cs.SQLWriter(database).rebuild(cs.EventSchema(vocabulary={"order": "view"}))
    assert m.ConversionRate().in_words_of(database).describe().endswith("a 'view' event.")


def test_who_may_not_read_the_vocabulary_is_told(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    schema = cs.EventSchema(vocabulary={"order": "buy"})
    cs.SQLWriter(engine).write(log("placed_order", "buy"), schema=schema)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("CREATE ROLE wordless")
        connection.exec_driver_sql("GRANT SELECT ON events, sessions TO wordless")
        connection.exec_driver_sql("SET ROLE wordless")
        with pytest.raises(ParameterError, match="'clicksession_vocabulary' may be read"):
            m.ConversionRate().compute(connection)
        assert m.ConversionRate(events="buy").compute(connection) == 0.5
        assert m.ConversionRate().compute(connection, vocabulary={"order": "buy"}) == 0.5
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("GRANT SELECT ON clicksession_vocabulary TO wordless")
        connection.exec_driver_sql("SET ROLE wordless")
        assert "'buy'" in m.ConversionRate().in_words_of(connection).describe()
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("DROP OWNED BY wordless")
        connection.exec_driver_sql("DROP ROLE wordless")
    engine.dispose()


def test_conversions_that_are_counted_are_found_by_their_role(database: sa.Engine) -> None:
    tables = Tables(counted_events=("buy",))
    schema = cs.EventSchema(vocabulary={"order": "buy"})
    cs.SQLWriter(database, tables=tables).write(log("view", "buy"), schema=schema)
    asked: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert m.ConversionRate().compute(database) == 0.5
    assert any("buy_count" in one for one in asked)
    assert not any("FROM events" in one for one in asked)


# An export of each vendor that names an order in its own words, and which share of sessions has
# one: that of the visitor who is back at 11:15, or none in that small file.
SHARES = {name: "order" in dict(cs.EventSchema.preset(name).vocabulary) for name in sorted(PRESETS)}


@pytest.mark.parametrize("name", [name for name, has in SHARES.items() if has and name in FILES])
def test_presets_know_what_their_vendor_calls_an_order(name: str, tmp_path: Path) -> None:
    schema = cs.EventSchema.preset(name)
    events = cs.sessionize(cs.read_events(EXPORTS / FILES[name], schema=schema))
    orders = events[events["event_type"].isin(dict(schema.vocabulary)["order"])]
    target = f"duckdb:///{tmp_path / 'target.duckdb'}"
    cs.run(EXPORTS / FILES[name], target, schema=schema)
    if orders.empty:
        # Nothing in this file is what the vendor documents for an order: say what is.
        kind = str(events["event_type"].iloc[-1])
        with pytest.raises(NothingFoundError, match="Those that occur"):
            m.ConversionRate().compute(target)
        orders = events[events["event_type"] == kind]
        cs.SQLWriter(target).keep_vocabulary({"order": kind})
        words: Any = {"order": kind}
    else:
        words = schema
    share = orders["session_id"].nunique() / events["session_id"].nunique()
    assert 0 < share <= 1
    assert m.ConversionRate().compute(target) == pytest.approx(share)
    assert m.ConversionRate().compute(events, vocabulary=words) == pytest.approx(share)


TYPES = ["page_view", "search", "placed_order", "nothing", "Nothing Else"]
ROLES = ["order", "page_view", "heartbeat", "autocapture", "cart", "search"]
WORDS = st.dictionaries(
    st.sampled_from(ROLES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)
)
NAMES = st.sampled_from([*map(Role, ROLES), *TYPES])
SEVERAL = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def asked(draw: st.DrawFn) -> Any:
    """A metric of any events by name or role."""
    names = draw(st.one_of(SEVERAL, st.just((Role("order"),))))
    made: list[Any] = [
        m.ConversionRate(events=names),
        m.Attribution(source="referrer", events=names),
        m.TimeToConvert(events=names),
        m.Funnel(steps=names),
        m.VisitsBeforeOrder(order_events=names),
        m.BounceRate(definition=draw(st.sampled_from(["ga4", "snowplow", "posthog"]))),
        m.EngagementRate(view_events=names, heartbeat_events=draw(st.one_of(SEVERAL, st.just(())))),
    ]
    return draw(st.sampled_from(made))


def played_by(metric: Any, words: dict[str, list[str]]) -> Any:
    """Return the metric with its roles said: for the oracle, by a way of its own."""

    def said(name: Any) -> Any:
        if isinstance(name, tuple):
            return tuple(said(one) for one in name)
        is_known = isinstance(name, Role) and name.name in words
        return Role(name.name, tuple(words[name.name])) if is_known else name

    changes = {}
    parts = ("view_events", "conversion_events", "heartbeat_events")
    for parameter in ("events", "steps", "order_events", *parts):
        names = getattr(metric, parameter, ())
        changes[parameter] = tuple(map(said, names))
    if hasattr(metric, "autocapture_events") and "autocapture" in words:
        changes["autocapture_events"] = (Role("autocapture", tuple(words["autocapture"])),)
    return replace(metric, **{name: value for name, value in changes.items() if value})


def check(metric: Any, events: pd.DataFrame, words: dict[str, list[str]], compute: Any) -> None:
    users, said = visits_of(events), played_by(metric, words)
    found = answered(said, users, compute)
    if found is NOTHING:
        return
    if isinstance(metric, m.VisitsBeforeOrder):
        check_number(said, found, by_key(before_order(said, users), "median"))
    elif type(metric) in NUMBERS:
        check_number(said, found, number(said, users))
    else:
        check_rows(said, found, rows(said, users))


@settings(max_examples=25)
@given(events=shop_logs(), words=WORDS, metric=asked())
def test_any_vocabulary_over_a_frame(
    events: pd.DataFrame, words: dict[str, list[str]], metric: Any
) -> None:
    check(metric, events, words, lambda: metric.compute(events, vocabulary=words))
    said = metric.in_words_of(words)
    check(metric, events, words, lambda: said.compute(cs.sessionize(events)))


def in_database(url: Any, events: pd.DataFrame, words: dict[str, list[str]], metric: Any) -> None:
    assume(len(events) > 0)
    engine, tables = sa.create_engine(url, poolclass=sa.NullPool), Tables(prefix="words_")
    with engine.begin() as connection:
        for name in ("events", "sessions", "clicksession_vocabulary"):
            connection.execute(sa.schema.DropTable(tables.table(name), if_exists=True))
    schema: Any = cs.EventSchema(vocabulary=words)  # type: ignore[arg-type]
    cs.SQLWriter(engine, tables=tables).write(events, schema=schema)
    check(metric, events, words, lambda: metric.compute(engine, tables=tables))


@settings(max_examples=15)
@given(events=shop_logs(), words=WORDS, metric=asked())
def test_any_vocabulary_in_sqlite(
    events: pd.DataFrame,
    words: dict[str, list[str]],
    metric: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    in_database(f"sqlite:///{tmp_path_factory.mktemp('words') / 'a.db'}", events, words, metric)


@settings(max_examples=15)
@given(events=shop_logs(), words=WORDS, metric=asked())
def test_any_vocabulary_in_postgresql(
    events: pd.DataFrame, words: dict[str, list[str]], metric: Any, postgresql_server: str
) -> None:
    in_database(postgresql_server, events, words, metric)


@settings(max_examples=5)
@given(events=shop_logs(), words=WORDS, metric=asked())
def test_some_vocabularies_in_mariadb(
    events: pd.DataFrame, words: dict[str, list[str]], metric: Any, mariadb_server: str
) -> None:
    url = sa.make_url(mariadb_server).set(database="test")
    in_database(url, events, words, metric)
