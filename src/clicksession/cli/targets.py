"""What a target may be called on the command line: a URL, or a file of a database."""

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["TARGET", "Target", "is_target"]

_SUFFIXES = {
    ".ddb": "duckdb",
    ".duckdb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
# Where in a file which bytes stand.
_FIRST_BYTES = ((0, b"SQLite format 3\0", "sqlite"), (8, b"DUCK", "duckdb"))


class Target(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """A database by its URL, or a file of DuckDB or SQLite by its path."""

    name = "target"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> "str | URL":
        """Return the URL.

        A file that is there is what its first bytes say; one that is not yet, what its name says.
        """
        if "://" in value:
            return value
        kind = _kind_of_file(value)
        if kind is None:
            self.fail(
                f"{value!r} is no database that can be told by its first bytes or its name. Give a "
                f"URL, such as duckdb:///{value}, or a file called .duckdb or .sqlite."
                f"{_of_log(value)}",
                param,
                ctx,
            )
        from sqlalchemy import URL

        # A path may hold what means something else in a URL.
        return URL.create(kind, database=value)


TARGET = Target()


def is_target(text: str) -> bool:
    """Say whether a text is a database, and not a log."""
    from clicksession.sql.dialects import DIALECTS

    protocol, separator, _ = text.partition("://")
    if separator:
        return protocol.partition("+")[0] in DIALECTS
    return _kind_of_file(text) is not None


def _of_log(path: str) -> str:
    """Return how a file that is no database, and so may be a log, becomes one."""
    if not os.path.isfile(path) or not os.path.getsize(path):
        return ""
    return f" A log becomes one by: clicksession run {path} shop.duckdb"


def _kind_of_file(path: str) -> str | None:
    if not os.path.isfile(path) or not os.path.getsize(path):
        return _SUFFIXES.get(os.path.splitext(path)[1].lower())
    with open(path, "rb") as file:
        start = file.read(64)
    return next(
        (kind for place, magic, kind in _FIRST_BYTES if start.startswith(magic, place)), None
    )
