"""A project of dbt that keeps events and sessions up to date, written into a folder."""

from clicksession.warehouse.dbt.project import DbtProject, write_dbt

__all__ = ["DbtProject", "write_dbt"]
