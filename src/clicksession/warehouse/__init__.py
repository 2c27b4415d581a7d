"""Exact incremental sessions in a warehouse, as statements of its own SQL."""

from clicksession.warehouse.running import JobReport
from clicksession.warehouse.spark import SparkReport, write_spark
from clicksession.warehouse.statements import Incremental, incremental
from clicksession.warehouse.step import Bounds, Step

__all__ = [
    "Bounds",
    "Incremental",
    "JobReport",
    "SparkReport",
    "Step",
    "incremental",
    "write_spark",
]
