"""What the shape of a log costs `run`: ``python -m benchmarks.shapes``.

Newline-delimited JSON into a DuckDB file: events spread evenly over their users, a third of them of
one user, one event for each user, and users by Zipf's law; beside each, a script by hand (see
`benchmarks.by_hand`). Then the same rows in one file and in files of a hundred rows each. What
counts is the ratio to the first.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks import data
from benchmarks.by_hand import cut
from benchmarks.timing import Method, announced, compare, in_child, parser, print_table
from clicksession import EventSchema, run

_ROWS_PER_FILE = 100

# What loads, and from where.
Jobs = Mapping[str, tuple[Callable[[str, Path], int], str]]


def load(source: str, target: Path) -> int:
    """Load a log into tables that are not there, and return how many events were added."""
    schema = EventSchema.preset("webshop")
    return run(source, f"duckdb:///{target}", schema=schema, progress=False).events_added


def load_by_hand(source: str, target: Path) -> int:
    """Do the same by the script, which checks nothing."""
    with duckdb.connect(target) as connection:
        cut(connection, data.FLAT, source)
        return connection.table("events").shape[0]


def main() -> None:
    arguments = parser(__doc__, events=10_000_000, repeat=3)
    arguments.add_argument("--files", type=int, default=5_000, help="of a hundred rows (5_000)")
    given = announced(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        sources = {shape: folder / f"{n}.json" for n, shape in enumerate(data.SHAPES)}
        for shape, source in sources.items():
            in_child(data.write_webshop, source, given.events, given.seed, shape)
        shapes = {name: (load, str(source)) for name, source in sources.items()}
        shapes |= {f"{n}, by hand": (load_by_hand, str(source)) for n, source in sources.items()}
        _compare("How events are spread", shapes, folder, given.repeat)
    with TemporaryDirectory() as name:
        folder = Path(name)
        one, many = folder / "one.json", folder / "many"
        in_child(data.write_webshop, one, given.files * _ROWS_PER_FILE, given.seed)
        cut_up(one, many)
        files = {
            "one file": (load, str(one)),
            f"{given.files:,} files": (load, str(many / "*.json")),
        }
        _compare("How rows are spread over files", files, folder, given.repeat)


def cut_up(one: Path, many: Path) -> None:
    """Write the lines of a file to files of a hundred lines."""
    many.mkdir()
    with one.open("rb") as lines:
        number = 0
        while part := list(islice(lines, _ROWS_PER_FILE)):
            (many / f"{number:06}.json").write_bytes(b"".join(part))
            number += 1


def _compare(title: str, jobs: Jobs, folder: Path, repeat: int) -> None:
    target = folder / "shop.duckdb"
    methods = [
        Method(name, partial(job, source, target), partial(target.unlink, missing_ok=True))
        for name, (job, source) in jobs.items()
    ]
    found: set[int] = set()
    seconds = compare(methods, repeat, lambda _, added: found.add(added))
    if len(found) > 1:
        raise ValueError(f"the logs have as many events each, and these were added: {found}")
    print_table(title, seconds)


if __name__ == "__main__":
    main()
