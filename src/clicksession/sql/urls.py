"""Database URLs: engines of them, and what of them may be shown."""

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from clicksession.errors import ParameterError

__all__ = ["engine_of", "shown_url"]


def engine_of(url: str | URL, *, who: str, parameter: str, must: str) -> Engine:
    """Return the engine of a URL; a text that is none is refused without being shown.

    Raises
    ------
    ParameterError
        It is no URL of a database that SQLAlchemy knows, or its driver is not installed.
    """
    try:
        return create_engine(url)
    except (ArgumentError, NoSuchModuleError):
        failure = ParameterError(who, parameter, must, "a text that is no such URL")
    except ImportError as error:
        hint = 'For PostgreSQL, type: pip install "clicksession[postgresql]"'
        driver = "a URL whose driver is installed"
        failure = ParameterError(who, parameter, driver, error.name, hint)
    # Outside the except block: the message of the cause may hold a password.
    raise failure


def shown_url(url: URL) -> str:
    """Return a URL without its password and without its parameters, which may hold others."""
    return url.set(query={}).render_as_string(hide_password=True)
