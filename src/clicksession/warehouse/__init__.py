"""Exact incremental sessions in a warehouse, as statements of its own SQL."""

from clicksession.warehouse.dbt import DbtProject, write_dbt
from clicksession.warehouse.running import JobReport
from clicksession.warehouse.statements import Incremental, incremental
from clicksession.warehouse.step import Bounds, Step

__all__ = ["Bounds", "DbtProject", "Incremental", "JobReport", "Step", "incremental", "write_dbt"]
