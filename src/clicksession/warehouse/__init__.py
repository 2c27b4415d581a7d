"""Exact incremental sessions beyond one machine: statements for a warehouse, dbt and Spark."""

from clicksession.warehouse.dbt import DbtProject, write_dbt
from clicksession.warehouse.running import JobReport
from clicksession.warehouse.spark import SparkReport, write_spark
from clicksession.warehouse.statements import Incremental, incremental
from clicksession.warehouse.step import Bounds, Step

__all__ = [
    "Bounds",
    "DbtProject",
    "Incremental",
    "JobReport",
    "SparkReport",
    "Step",
    "incremental",
    "write_dbt",
    "write_spark",
]
