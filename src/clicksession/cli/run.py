"""`clicksession run`: a log into a database."""

import json
from dataclasses import fields
from typing import Any

import click

from clicksession.cli.options import quiet_option, tables_of, tables_options, verbatim
from clicksession.cli.output import emit, say
from clicksession.cli.sources import read_from, sourced
from clicksession.cli.targets import TARGET

__all__ = ["command"]


@click.command(
    "run",
    epilog=verbatim(
        "clicksession run events.json.gz shop.duckdb --preset webshop",
        "clicksession run logs/*.csv shop.sqlite --user customer --time at --timeout 1h",
        "clicksession run events.json.gz shop.duckdb --preset webshop --quarantine bad.ndjson",
        'clicksession run "gs://shop/*.json.gz" postgresql+psycopg://db/shop --preset ga4',
    ),
)
# Not required: of one place alone, what it lacks depends on what it is, a log or a target.
@click.argument("source", nargs=-1, metavar="SOURCE...")
@click.argument("target", type=TARGET)
@sourced
@click.option("--timeout", metavar="TIME", help="The longest pause within a session. [30min]")
@click.option("--rules", metavar="NAME", help="What ends a session for a product: ga4, matomo, …")
@click.option(
    "--on-error",
    type=click.Choice(["raise", "quarantine", "skip"]),
    default=None,
    help="What becomes of a row that is no event. [raise]",
)
@click.option("--quarantine", metavar="FILE", help="Set rows that are no events aside, in here.")
@click.option("--since", metavar="TIME", help="Reload a window from here, with --until.")
@click.option("--until", metavar="TIME", help="Where the window ends.")
@click.option("--rebuild", is_flag=True, help="Cut all stored events anew by these rules.")
@tables_options
@click.option(
    "--counted-events",
    multiple=True,
    metavar="TYPE",
    help="An event type that sessions count, so that metrics of it are fast.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as an object of JSON.")
@click.option("--progress/--no-progress", default=None, help="[on a terminal]")
@quiet_option
def command(
    source: tuple[str, ...],
    target: Any,
    reading: dict[str, Any],
    timeout: str | None,
    rules: str | None,
    on_error: str | None,
    quarantine: str | None,
    prefix: str,
    db_schema: str | None,
    counted_events: tuple[str, ...],
    as_json: bool,
    progress: bool | None,
    quiet: bool,
    **window: Any,
) -> None:
    """Read events, cut them into sessions, and keep both in a database.

    SOURCE is a file, a URL, a pattern or a folder, or several; - is standard input. TARGET is a
    database by its URL (postgresql+psycopg://db/shop), or a file: shop.duckdb, shop.sqlite. A
    password belongs into ~/.pgpass or its like: what stands on a command line, others see.

    Safe to repeat and to interrupt: files that the target holds are passed over, events that it
    holds are counted as duplicates, late ones change the sessions that they belong to. Each write
    is one transaction.
    """
    from clicksession import run

    if not source:
        raise click.UsageError("Give a SOURCE before the TARGET.")
    if timeout and rules:
        raise click.UsageError("--timeout and --rules both say what ends a session: give one.")
    try:
        with read_from(source) as places:
            report = run(
                places,
                target,
                **reading,
                **_ending(timeout, rules),
                tables=tables_of(prefix, db_schema, counted_events=counted_events),
                on_error=_on_error(on_error, quarantine),
                progress=False if quiet else progress,
                **window,
            )
    except KeyboardInterrupt:
        say(
            "What was committed stays, all else is as if it had not been. The same command goes on."
        )
        raise
    if quarantine:
        report.reading.quarantine.write(quarantine)
        if not quiet:
            say(f"{len(report.reading.quarantine):,} rows set aside in {quarantine}.")
    emit(json.dumps(_plain(report), indent=2, default=str) if as_json else str(report))


def _ending(timeout: str | None, rules: str | None) -> dict[str, Any]:
    from clicksession import Rules

    if rules:
        return {"rules": Rules.preset(rules)}
    return {"timeout": timeout} if timeout else {}


def _on_error(on_error: str | None, quarantine: str | None) -> Any:
    if quarantine and on_error not in (None, "quarantine"):
        raise click.UsageError(f"--on-error {on_error} keeps no row that --quarantine could hold.")
    if on_error == "quarantine" and not quarantine:
        raise click.UsageError("--on-error quarantine needs --quarantine FILE, to keep them in.")
    return "quarantine" if quarantine else on_error or "raise"


def _plain(report: Any) -> dict[str, Any]:
    names = (each.name for each in fields(report) if each.name != "reading")
    return {name: getattr(report, name) for name in names}
