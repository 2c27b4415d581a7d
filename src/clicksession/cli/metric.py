"""`clicksession metric`: the answer of a metric."""

from typing import Any

import click

from clicksession.cli.metrics import MetricCommands, example_of, metric_of
from clicksession.cli.options import form_options, quiet_option, tables_of, tables_options, verbatim
from clicksession.cli.output import Form, emit, emit_rows, say, shown_number
from clicksession.cli.targets import TARGET
from clicksession.metrics import Metric

__all__ = ["command"]


def _command_of(kind: type[Metric]) -> click.Command:
    @click.command(epilog=verbatim(*_examples(kind)))
    @click.argument("target", type=TARGET)
    @tables_options
    @form_options
    @quiet_option
    def answering(
        target: Any, prefix: str, db_schema: str | None, form: Form, quiet: bool, **given: Any
    ) -> None:
        asked = metric_of(kind, given)
        tables = tables_of(prefix, db_schema)
        answer = asked.compute(target, tables=tables)
        if not quiet:
            say(asked.in_words_of(target, tables=tables).describe())
        _show(asked, answer, form)

    return answering


def _show(asked: Metric, answer: Any, form: Form) -> None:
    if asked.gives_table:
        emit_rows(list(answer.columns), answer.itertuples(index=False, name=None), form)
    elif form == "table":
        emit(shown_number(answer))
    else:
        column = next(iter(asked.select().selected_columns)).name
        emit_rows([column], [[answer]], form)


def _examples(kind: type[Metric]) -> list[str]:
    call = f"clicksession metric {example_of(kind)}"
    return [f"{call} shop.duckdb", f"{call} shop.duckdb --since 2024-05-08 --json"]


command = MetricCommands(
    "metric",
    making=_command_of,
    help="""Compute a metric over a target.

    TARGET is a database by its URL, or a file of DuckDB or SQLite. The answer goes to standard
    output, the sentence that defines it to standard error. Each metric has options of its own:
    clicksession metric NAME --help. A condition (where=) is an expression of SQLAlchemy, and given
    in Python.
    """,
    epilog=verbatim(
        "clicksession metric visits-before-order shop.duckdb",
        "clicksession metric conversion-rate shop.duckdb --by week --csv > weeks.csv",
        "clicksession metric funnel shop.duckdb --steps page_view --steps placed_order",
    ),
)
