"""The SQL as text: what is refused, and words that layout never touches."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, cast, literal, select

import clicksession as cs
from clicksession.sql.layout import laid_out


def test_an_unknown_dialect() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match="Did you mean 'postgresql'"):
        cs.to_sql(cs.metrics.VisitsBeforeOrder(), "postgres")


def test_something_that_is_no_statement() -> None:
    with pytest.raises(cs.errors.ParameterError, match="`metric` must be a metric"):
        cs.to_sql("SELECT 1", "duckdb")  # type: ignore[arg-type]


def test_a_dialect_that_nobody_wrote_fails_instead_of_guessing() -> None:
    from sqlalchemy.dialects import oracle

    with pytest.raises(cs.errors.UnsupportedDialectError, match="'oracle'"):
        cs.metrics.VisitsBeforeOrder().select().compile(dialect=oracle.dialect())


@given(st.text(st.sampled_from("ab' \"(),.\n`-"), max_size=20))
def test_layout_never_touches_what_is_quoted(text: str) -> None:
    statement = select(
        cast(literal(text), String).label("x"), literal(f"a.b AS b{text}").label("y")
    )
    laid = cs.to_sql(statement, "sqlite")
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(laid).fetchone() == (text, f"a.b AS b{text}")
    connection.close()


def test_layout_changes_white_space_alone() -> None:
    raw = "SELECT a.x AS y, count(*) FROM a WHERE a.z IN (SELECT b.z FROM b) ORDER BY a.x"
    squeezed = re.sub(r"\s+", "", laid_out(raw))
    assert squeezed == re.sub(r"\s+", "", raw)
