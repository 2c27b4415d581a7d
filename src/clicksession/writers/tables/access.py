"""What every step of a write needs: one transaction on a target, and what is asked of it."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from clicksession.rules import Rules
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.options import Options

__all__ = ["Access"]


@dataclass(frozen=True)
class Access:
    """One transaction's access to a target."""

    connection: Connection
    loader: RowLoader
    asked: Options

    @property
    def tables(self) -> Tables:
        """Where the tables are, and what each session is to keep."""
        return self.asked.tables

    @property
    def rules(self) -> Rules:
        """What ends a session."""
        return self.asked.rules

    def of(self, tables: Tables) -> "Access":
        """Return the same access to tables of which more is known."""
        return replace(self, asked=replace(self.asked, tables=tables))
