"""`clicksession sql`: the SQL of a metric."""

from typing import Any, get_args

import click

from clicksession.cli.metrics import MetricCommands, example_of, metric_of
from clicksession.cli.options import tables_of, tables_options, verbatim
from clicksession.cli.output import emit
from clicksession.cli.targets import TARGET
from clicksession.metrics import Metric
from clicksession.sql.dialects import DIALECTS
from clicksession.sql.text import Create

__all__ = ["command"]


def _command_of(kind: type[Metric]) -> click.Command:
    call = f"clicksession sql {example_of(kind)}"

    @click.command(
        epilog=verbatim(
            f"{call} --dialect postgresql",
            f"{call} --dialect duckdb --create view --name answer | duckdb shop.duckdb",
        )
    )
    @click.option(
        "--dialect", required=True, metavar="NAME", help=f"One of {', '.join(DIALECTS.names())}."
    )
    @click.option(
        "--create", type=click.Choice(get_args(Create)), help="The statement that makes one of it."
    )
    @click.option("--name", help="What the view or table is called.")
    @click.option("--target", type=TARGET, help="Name event types as this target's log does.")
    @click.option("--preset", help="Name event types as this export does: ga4, segment, …")
    @tables_options
    def writing(
        dialect: str,
        create: Create | None,
        name: str | None,
        target: Any,
        preset: str | None,
        prefix: str,
        db_schema: str | None,
        **given: Any,
    ) -> None:
        from clicksession import EventSchema, to_sql

        asked, tables = metric_of(kind, given), tables_of(prefix, db_schema)
        words = target if target is not None else preset and EventSchema.preset(preset)
        if words:
            asked = asked.in_words_of(words, tables=tables)
        end = ";" if create else ""
        emit(to_sql(asked.select(tables), dialect, create=create, name=name) + end)

    return writing


command = MetricCommands(
    "sql",
    making=_command_of,
    help="""Print the SQL of a metric, for any database.

    No connection is needed, and none is made but to --target. Each metric has options of its own:
    clicksession sql NAME --help.
    """,
    epilog=verbatim(
        "clicksession sql visits-before-order --dialect bigquery",
        "clicksession sql conversion-rate --by day --dialect snowflake --preset segment",
    ),
)
