"""`clicksession demo`: a made-up log, its sessions and its metrics, in ten seconds."""

from pathlib import Path

import click

from clicksession.cli.options import verbatim
from clicksession.cli.output import emit, emit_rows, shown_number

__all__ = ["command"]


@click.command("demo", epilog=verbatim("clicksession demo", "clicksession demo my-folder"))
@click.argument(
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("clicksession-demo"),
    metavar="[FOLDER]",
)
def command(folder: Path) -> None:
    """See it work: a made-up log of a web shop, its sessions and its metrics.

    Writes events.json.gz and shop.duckdb into FOLDER (clicksession-demo), and shows each command
    with what it gives, so that it can be typed again. A second time, nothing is new.
    """
    from clicksession import EventSchema, datasets, metrics, run

    folder.mkdir(parents=True, exist_ok=True)
    log, target = folder / "events.json.gz", folder / "shop.duckdb"
    emit(f"A made-up log of a web shop, four weeks of 500 customers: {log}\n")
    datasets.write_webshop(log, customers=500, seed=7)
    emit(f"$ clicksession run {log} {target} --preset webshop")
    url = f"duckdb:///{target}"
    emit(str(run(log, url, schema=EventSchema.preset("webshop"), progress=False)))
    asked: dict[str, metrics.Metric] = {
        "count": metrics.Count(),
        "session-duration": metrics.SessionDuration(),
        "visits-before-order": metrics.VisitsBeforeOrder(),
        "conversion-rate --by week": metrics.ConversionRate(by="week"),
    }
    for call, metric in asked.items():
        emit(f"\n$ clicksession metric {call} {target}\n{metric.describe()}")
        answer = metric.compute(url)
        if metric.gives_table:
            rows = answer.itertuples(index=False, name=None)
            emit_rows(list(answer.columns), rows, "table")
        else:
            emit(shown_number(answer))
    emit(f"\nNext: clicksession report {target} {folder / 'report.html'}, and a log of your own:")
    emit("      clicksession describe FILE")
