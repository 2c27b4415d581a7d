"""Load a large log, in random order, into PostgreSQL: ``python -m benchmarks.loading``.

`run` reads files of newline-delimited JSON and writes events, sessions and indexes;
what is measured is the memory of its process, not of the server's. Then one file
more comes, with a hundredth of the events: later ones, and a few late ones. Each
process loads a few events before, so that no import is measured.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks import data
from benchmarks.timing import in_child, parser, peak_megabytes, setting
from benchmarks.writing import server
from clicksession import EventSchema, RunReport, run
from clicksession.sql import Tables

_SCHEMA = EventSchema.preset("webshop")


def main() -> None:
    given = parser(__doc__, events=10_000_000, repeat=1).parse_args()
    print(setting(), flush=True)
    with TemporaryDirectory() as folder, server(Path(folder, "data")) as engine:
        url = engine.url.render_as_string(hide_password=False)
        log, more = Path(folder, "log"), Path(folder, "more")
        log.mkdir()
        more.mkdir()
        in_child(data.write_webshop_days, log, more, given.events, given.seed)
        few = in_child(data.write_webshop, Path(folder, "few.json"), 10, given.seed)
        taken = []
        for name, place in (("first load", log), ("1 % more", more)):
            report, seconds, before, peak = in_child(_loaded, place, few, url)
            taken.append(seconds)
            print(
                f"{name}: {report.rows_read:,} events in {seconds:.2f} s, peak {peak:,} MB "
                f"({before:,} MB before)",
                flush=True,
            )
    print(f"1 % more takes {taken[1] / taken[0]:.1%} of the first load")


def _loaded(log: Path, few: Path, url: str) -> tuple[RunReport, float, int, int]:
    run(str(few), url, schema=_SCHEMA, tables=Tables(prefix="few_"))
    before, began = peak_megabytes(), perf_counter()
    report = run(str(log / "*.json"), url, schema=_SCHEMA)
    return report, perf_counter() - began, before, peak_megabytes()


if __name__ == "__main__":
    main()
