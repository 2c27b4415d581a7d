"""Database URLs: engines of them, and what of them may be shown."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from clicksession.errors import ParameterError

__all__ = ["connected", "engine_of", "keeping_engine_of", "reading", "shown_url"]

#: What users type for a database of which SQLAlchemy has another name.
_MEANT = {
    "postgres": "postgresql+psycopg",
    "psql": "postgresql+psycopg",
    "mysql+mariadb": "mariadb+pymysql",
    "sqlite3": "sqlite",
}
# The databases whose files are called so, the likeliest first.
_SUFFIXES = {
    ".duckdb": ("duckdb",),
    ".ddb": ("duckdb",),
    ".sqlite": ("sqlite",),
    ".sqlite3": ("sqlite",),
    ".db": ("sqlite", "duckdb"),
}
# What SQLAlchemy imports for a URL that names no driver, with the scheme of the one of the extra.
_DRIVERS = {
    "psycopg2": ("postgresql+psycopg", "postgresql"),
    "psycopg": ("postgresql+psycopg", "postgresql"),
    "MySQLdb": ("mysql+pymysql", "mariadb"),
    "pymysql": ("mysql+pymysql", "mariadb"),
}

#: Databases in a file, which connecting would create.
_IN_FILES = ("duckdb", "sqlite")


def engine_of(url: str | URL, *, who: str, parameter: str, must: str) -> Engine:
    """Return the engine of a URL; a text that is none is refused without being shown.

    Raises
    ------
    ParameterError
        It is no URL of a database that SQLAlchemy knows, or its driver is not installed.
    """
    try:
        return create_engine(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        # The last of a port that is no number, which a password with a slash in it looks like.
        failure = ParameterError(who, parameter, must, "a text that is no such URL", _meant(url))
    except ImportError as error:
        driver = "a URL whose driver is installed"
        failure = ParameterError(who, parameter, driver, error.name, _to_install(error.name))
    # Outside the except block: the message of the cause may hold a password.
    raise failure


def keeping_engine_of(url: str | URL, *, who: str, parameter: str, must: str) -> Engine:
    """Do as `engine_of`, for a database that is to outlive the call.

    Raises
    ------
    ParameterError
        The database is in memory, and would be gone when the call returns.
    """
    engine = engine_of(url, who=who, parameter=parameter, must=must)
    if engine.dialect.name in _IN_FILES and _is_in_memory(engine.url):
        name = engine.dialect.name
        example = "duckdb:///:memory:" if name == "duckdb" else "sqlite://"
        kept = f"an Engine, for a database in memory: sqlalchemy.create_engine({example!r})"
        hint = f"Of a URL, it is gone when the call returns. A file is {name}:///shop.{name}."
        raise ParameterError(who, parameter, kept, "a URL of a database in memory", hint)
    return engine


@contextmanager
def reading(url: str | URL, *, who: str, parameter: str, must: str) -> Iterator[Connection]:
    """Connect to a database of a URL to read from it.

    A file is not created, and is opened so that others may read it at the same time.

    Raises
    ------
    ParameterError
        It cannot be read: no such URL, no such file, or another process writes to it.
    """
    engine = engine_of(url, who=who, parameter=parameter, must=must)
    path = engine.url.database
    is_file = engine.dialect.name in _IN_FILES and not _is_in_memory(engine.url)
    if is_file and not os.path.exists(path or ""):
        hint = f"Paths are relative to {os.getcwd()}."
        raise ParameterError(who, parameter, "a database file that is there", path, hint)
    try:
        engine, connection = _connected(engine)
    except DBAPIError as error:
        failure = _unreadable(error, who, parameter)
        if failure is None:
            raise
    else:
        failure = None
    if failure is not None:
        raise failure
    try:
        with connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def connected(data: object, *, who: str, parameter: str, must: str) -> Iterator[Connection]:
    """Connect to what a caller gave to read from: an engine, a URL, or a connection as it is.

    Raises
    ------
    ParameterError
        It is none of these, or, of a URL, it cannot be read.
    """
    if isinstance(data, Connection):
        yield data
    elif isinstance(data, Engine):
        with data.connect() as connection:
            yield connection
    elif isinstance(data, str | URL):
        with reading(data, who=who, parameter=parameter, must=must) as connection:
            yield connection
    else:
        raise ParameterError(who, parameter, must, type(data).__name__)


def shown_url(url: URL) -> str:
    """Return a URL without its password and without its parameters, which may hold others."""
    return url.set(query={}).render_as_string(hide_password=True)


def _connected(engine: Engine) -> tuple[Engine, Connection]:
    """Connect; to a file of DuckDB so that it is only read, where nobody here writes to it."""
    if engine.dialect.name != "duckdb" or _is_in_memory(engine.url):
        return engine, engine.connect()
    shared = create_engine(engine.url, connect_args={"read_only": True})
    try:
        return shared, shared.connect()
    except DBAPIError as error:
        shared.dispose()
        if "different configuration" not in str(error.orig):
            raise
    # This process has it open to write: all of its connections are to one database.
    return engine, engine.connect()


def _unreadable(error: DBAPIError, who: str, parameter: str) -> ParameterError | None:
    message = str(error.orig)
    if "Could not set lock on file" in message:
        must = "a database file to which no other process is writing"
        hint = "Try again when that has ended, or copy the file."
        return ParameterError(who, parameter, must, "one that another process has open", hint)
    if "different configuration" in message:
        must = "a database file that this process has open in one way"
        got = "one that is open in another way, as by duckdb.connect()"
        hint = "Close that first; an iterator of load_events() is open up to its end."
        return ParameterError(who, parameter, must, got, hint)
    return None


def _is_in_memory(url: URL) -> bool:
    path = url.database
    if not path or path.startswith(":memory:"):
        return True
    return url.query.get("mode") == "memory" or path.startswith("file::memory:")


def _meant(url: str | URL) -> str:
    """Return what a text that is no URL may have been meant as, without any part of a secret."""
    text = str(url) if isinstance(url, str) else url.drivername
    protocol, separator, _ = text.partition("://")
    if separator:
        known = _MEANT.get(protocol.lower())
        return f"Its scheme is written {known}://." if known else _of_warehouse(protocol)
    kinds = _SUFFIXES.get(os.path.splitext(text)[1].lower(), ())
    if not kinds:
        return "A log is read first, by read_events()." if os.path.isfile(text) else ""
    file = "This file" if os.path.isabs(text) else "A file in this folder"
    first, *others = (f"'{kind}:///{text}'" for kind in kinds)
    # Of a suffix that several use, the file itself says more, but may be elsewhere, or yet to come.
    return f"{file} is {first}{''.join(f', or of DuckDB {other}' for other in others)}."


def _of_warehouse(protocol: str) -> str:
    """Return what there is for a database of which SQLAlchemy knows no dialect as yet."""
    from clicksession.sql.dialects import DIALECTS, spelling

    name = protocol.partition("+")[0].lower()
    if name not in DIALECTS or not (extra := spelling(name).extra):
        return ""
    return (
        f'Its package comes by: pip install "clicksession[{extra}]". to_sql(metric, '
        f"dialect={name!r}) then writes the SQL to run there."
    )


def _to_install(driver: str | None) -> str:
    """Return how to get the driver of a database, and how its URL begins."""
    if driver not in _DRIVERS:
        return ""
    scheme, extra = _DRIVERS[driver]
    return f'Write {scheme}://, and type: pip install "clicksession[{extra}]"'
