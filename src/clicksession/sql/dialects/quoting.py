"""Quote names where they must be, and only there."""

from typing import Any

from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.sql.compiler import IdentifierPreparer

__all__ = ["backquoting"]


def backquoting(dialect: Compiling, reserved: str) -> Compiling:
    """Return the SQLAlchemy dialect with a preparer of names that quotes where it must.

    For packages that put every name between backquotes, which nobody would write by hand.

    Parameters
    ----------
    dialect
        A SQLAlchemy dialect.
    reserved
        The words that cannot be a name, with spaces between.
    """

    class Preparer(IdentifierPreparer):
        def __init__(self, dialect: Any) -> None:
            super().__init__(dialect, initial_quote="`")
            self.reserved_words = set(reserved.split())
            self._double_percents = False

        def quote(self, ident: str, force: Any = None, column: bool = False) -> str:
            # The compiler of BigQuery says which names are columns.
            return super().quote(ident)

        def _escape_identifier(self, value: str) -> str:
            return value.replace("\\", "\\\\").replace("`", "\\`")

    dialect.identifier_preparer = Preparer(dialect)
    return dialect
