"""The SQL side: what is meant (tables, constructs), and how each database says it (dialects)."""

from clicksession.sql.sessionize import sessionize
from clicksession.sql.tables import Tables
from clicksession.sql.text import to_sql

__all__ = ["Tables", "sessionize", "to_sql"]
