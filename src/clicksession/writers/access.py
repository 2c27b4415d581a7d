"""What every step of a write needs: one transaction on a target, and the rules that made it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from clicksession.rules import Rules
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader

__all__ = ["Access"]


@dataclass(frozen=True)
class Access:
    """One transaction's access to a target."""

    connection: Connection
    loader: RowLoader
    tables: Tables
    rules: Rules
    logs_changes: bool
