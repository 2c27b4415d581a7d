"""SQLite: one transaction, one prepared statement for all rows."""

from sqlalchemy import Connection, Table

from clicksession.writers.bulk.rows import RowLoader

__all__ = ["SQLiteLoader"]


class SQLiteLoader(RowLoader):
    """Loads by ``executemany``; takes the write lock before it looks at anything."""

    def lock(self, connection: Connection, table: Table) -> None:
        """Begin as the writer: Python's driver would begin only at the first insert."""
        driver = connection.connection.driver_connection
        if not getattr(driver, "in_transaction", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
