"""What a target says of itself: the rules that made it, its runs, and what it set aside."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from clicksession.reporting.asking import Asking
from clicksession.reporting.numbers import counted, moment, shortened
from clicksession.reporting.views import Answer, Listing, Row, Words
from clicksession.rules import Rules
from clicksession.sql.statistics import nulls_last
from clicksession.writers.tables.manifest import Manifest
from clicksession.writers.tables.misfits import quarantine_table

__all__ = ["made_by", "refused", "rules_of"]

_RUNS, _REASONS, _SAMPLES = 10, 10, 5
_UNSAID = "The target does not say: it has no table of runs that may be read."


def rules_of(asking: Asking) -> Rules | None:
    """Return the rules that made the sessions, or None where the target does not say."""
    runs = Manifest(asking.connection, asking.tables).runs
    if not asking.tables.is_readable(asking.connection, runs):
        return None
    last = asking.rows(select(runs.c.rules).order_by(runs.c.run_id.desc()).limit(1))
    return Rules.from_json(last[0].rules) if last else None


def made_by(asking: Asking, rules: Rules | None, zone: str) -> Iterator[Answer]:
    """Yield the rules, and the last runs with when they were and what they did."""
    if rules is None:
        yield Answer("Rules", why_not=_UNSAID)
        return
    yield Answer("Rules", view=Words((("", str(rules)),)))
    yield _runs(asking, zone)


def refused(asking: Asking) -> Iterator[Answer]:
    """Yield how many rows were set aside, by reason, and a few of them."""
    table = quarantine_table(asking.tables)
    if not asking.tables.is_readable(asking.connection, table):
        why_not = (
            "The target sets no row aside: it has no table for them, which a write with "
            "on_misfit='quarantine' makes."
        )
        yield Answer("Refused by the target", why_not=why_not)
        return
    statement = _reasons(table)
    found = asking.rows(statement)
    sentence = (
        "The rows that were read and could not be stored, by column and reason. Lines that are no "
        "events are not among them: the report of the run that met them has those."
    )
    if not found:
        yield Answer("Refused by the target", sentence, why_not="No row was set aside.")
        return
    ((total,),) = asking.rows(select(func.count()).select_from(table))
    shown = [(f"{row.column_name}: {row.reason}", int(row.rows)) for row in found[:_REASONS]]
    rest = int(total) - sum(count for _, count in shown)
    named = [*shown, ("All others", rest)] if rest else shown
    rows = [Row(shortened(name), (f"{count:,}",), count / total) for name, count in named]
    listing = Listing(("Column and reason", "Rows"), rows)
    yield Answer("Refused by the target", sentence, asking.sql(statement), listing)
    yield _samples(asking, table)


def _reasons(table: Any) -> Select[Any]:
    count = func.count().label("rows")
    columns = (table.c.column_name, table.c.reason)
    grouped = select(*columns, count).group_by(*columns)
    return grouped.order_by(count.desc(), *nulls_last(columns)).limit(_REASONS + 1)


def _samples(asking: Asking, table: Any) -> Answer:
    columns = (table.c.run_id, table.c.file, table.c.column_name, table.c.event)
    statement = select(*columns).order_by(*nulls_last(columns)).limit(_SAMPLES)
    rows = [
        Row(
            shortened(row.event),
            (row.column_name, shortened(row.file or "a frame"), str(row.run_id)),
        )
        for row in asking.rows(statement)
    ]
    listing = Listing(("Row", "Column", "From", "Run"), rows, is_text=True)
    sentence = f"At most {counted(_SAMPLES, 'row')}, those of the first runs."
    return Answer("Some of the refused rows", sentence, asking.sql(statement), listing)


def _runs(asking: Asking, zone: str) -> Answer:
    runs = Manifest(asking.connection, asking.tables).runs
    columns = (
        *(runs.c.run_id, runs.c.written_at, runs.c.library_version),
        *(runs.c.rows, runs.c.events_added, runs.c.duplicates, runs.c.refused),
    )
    statement = select(*columns).order_by(runs.c.run_id.desc()).limit(_RUNS)
    ((number,),) = asking.rows(select(func.count()).select_from(runs))
    rows = [
        Row(
            f"{row.run_id}",
            (
                moment(row.written_at, zone),
                row.library_version,
                *(f"{count or 0:,}" for count in row[3:]),
            ),
        )
        for row in asking.rows(statement)
    ]
    heads = ("Write", "When", "Version", "Rows", "Added", "Duplicates", "Refused")
    sentence = f"{counted(int(number), 'write')} made this target; the latest come first."
    return Answer("Writes", sentence, asking.sql(statement), Listing(heads, rows))
