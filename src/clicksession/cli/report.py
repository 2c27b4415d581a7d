"""`clicksession report`: a page to look at."""

from pathlib import Path
from typing import Any

import click

import clicksession
from clicksession.cli.options import quiet_option, tables_of, tables_options, verbatim
from clicksession.cli.output import say
from clicksession.cli.targets import TARGET

__all__ = ["command"]


@click.command(
    "report",
    epilog=verbatim(
        "clicksession report shop.duckdb shop.html",
        'clicksession report shop.duckdb shop.html --zone Europe/Amsterdam --title "The shop"',
    ),
)
@click.argument("target", type=TARGET)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.html")
@click.option("--zone", default="UTC", help="The zone of days and hours. [UTC]")
@click.option("--title", help="What the page is called.")
@click.option("--steps", multiple=True, metavar="TYPE", help="The steps of the funnel, in order.")
@click.option("--page", metavar="COLUMN", help="The column of the page, for landing pages.")
@tables_options
@quiet_option
def command(
    target: Any,
    out: Path,
    zone: str,
    title: str | None,
    steps: tuple[str, ...],
    page: str | None,
    prefix: str,
    db_schema: str | None,
    quiet: bool,
) -> None:
    """Write a page with the sessions of a target: one file, without a request to elsewhere.

    TARGET is a database by its URL, or a file of DuckDB or SQLite.
    """
    clicksession.report(
        target,
        out,
        zone=zone,
        title=title,
        steps=steps or None,
        page=page,
        tables=tables_of(prefix, db_schema),
    )
    if not quiet:
        say(f"Written: {out}")
