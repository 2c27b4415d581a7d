"""What the shape of a log costs `run`: ``python -m benchmarks.shapes``.

Newline-delimited JSON into a DuckDB file: events spread evenly over their users, a third of them of
one user, one event for each user, and users by Zipf's law. Then the same rows in one file and in
files of a hundred rows each. Ours alone; what counts is the ratio to the first.
"""

from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import data
from benchmarks.timing import Method, announced, compare, in_child, parser, print_table
from clicksession import EventSchema, run

_ROWS_PER_FILE = 100


def load(source: str, target: Path) -> int:
    """Load a log into tables that are not there, and return how many events were added."""
    schema = EventSchema.preset("webshop")
    return run(source, f"duckdb:///{target}", schema=schema, progress=False).events_added


def main() -> None:
    arguments = parser(__doc__, events=10_000_000, repeat=3)
    arguments.add_argument("--files", type=int, default=5_000, help="of a hundred rows (5_000)")
    given = announced(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        sources = {shape: folder / f"{n}.json" for n, shape in enumerate(data.SHAPES)}
        for shape, source in sources.items():
            in_child(data.write_webshop, source, given.events, given.seed, shape)
        _compare(
            "How events are spread", {n: str(s) for n, s in sources.items()}, folder, given.repeat
        )
    with TemporaryDirectory() as name:
        folder = Path(name)
        one, many = folder / "one.json", folder / "many"
        in_child(data.write_webshop, one, given.files * _ROWS_PER_FILE, given.seed)
        cut_up(one, many)
        files = {"one file": str(one), f"{given.files:,} files": str(many / "*.json")}
        _compare("How rows are spread over files", files, folder, given.repeat)


def cut_up(one: Path, many: Path) -> None:
    """Write the lines of a file to files of a hundred lines."""
    many.mkdir()
    with one.open("rb") as lines:
        number = 0
        while part := list(islice(lines, _ROWS_PER_FILE)):
            (many / f"{number:06}.json").write_bytes(b"".join(part))
            number += 1


def _compare(title: str, sources: dict[str, str], folder: Path, repeat: int) -> None:
    target = folder / "shop.duckdb"
    methods = [
        Method(name, partial(load, source, target), partial(target.unlink, missing_ok=True))
        for name, source in sources.items()
    ]
    found: set[int] = set()
    seconds = compare(methods, repeat, lambda _, added: found.add(added))
    if len(found) > 1:
        raise ValueError(f"the logs have as many events each, and these were added: {found}")
    print_table(title, seconds)


if __name__ == "__main__":
    main()
