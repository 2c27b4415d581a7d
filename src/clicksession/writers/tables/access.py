"""What every step of a write needs: one transaction on a target, and what is asked of it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Select, Table
from sqlalchemy.types import TypeEngine

from clicksession.rules import Rules
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.options import Options
from clicksession.writers.tables.columns import arrow_type

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

    def made(self, table: Table) -> Table:
        """Return a table, which is created where it is not there."""
        if not self.tables.holds(self.connection, table):
            table.create(self.connection)
        return table

    def fetch(self, statement: Select[Any]) -> pa.Table:
        """Return the rows of a statement as Arrow, in the types of its columns."""
        kinds = [(each.name, arrow_type(each.type)) for each in statement.selected_columns]
        return self.loader.fetch(self.connection, statement, pa.schema(kinds))

    def staged(
        self, name: str, rows: pa.Table, **types: TypeEngine[Any]
    ) -> AbstractContextManager[Table]:
        """Put rows into a temporary table that only this transaction sees, for a while."""
        return self.loader.staged(self.connection, name, rows, **types)
