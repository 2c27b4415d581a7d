"""Load a large log, in random order, into PostgreSQL: ``python -m benchmarks.loading``.

`run` reads files of newline-delimited JSON and writes events, sessions and indexes;
what is measured is the memory of its process, not of the server's. Then one file
more comes, with a hundredth of the events: later ones, and a few late ones.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks import data
from benchmarks.timing import in_child, parser, peak_megabytes, setting
from benchmarks.writing import server
from clicksession import EventSchema, RunReport, run

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
        for name, place in (("first load", log), ("1 % more", more)):
            report, seconds, before, peak = in_child(_loaded, place, url)
            print(
                f"{name}: {report.rows_read:,} events in {seconds:.1f} s, peak {peak:,} MB "
                f"({before:,} MB before)",
                flush=True,
            )


def _loaded(log: Path, url: str) -> tuple[RunReport, float, int, int]:
    before, began = peak_megabytes(), perf_counter()
    report = run(str(log / "*.json"), url, schema=_SCHEMA)
    return report, perf_counter() - began, before, peak_megabytes()


if __name__ == "__main__":
    main()
