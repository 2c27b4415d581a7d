"""What every step of a write needs: one transaction on a target, and the rules that made it."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from clicksession.rules import Rules
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader

__all__ = ["Access", "OnMisfit"]

OnMisfit = Literal["widen", "quarantine", "raise"]


@dataclass(frozen=True)
class Access:
    """One transaction's access to a target."""

    connection: Connection
    loader: RowLoader
    tables: Tables
    rules: Rules
    logs_changes: bool
    on_misfit: OnMisfit
