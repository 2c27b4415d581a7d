"""Exact incremental sessions in tables of Spark: buckets of users, replaced whole."""

from clicksession.warehouse.spark.writing import SparkReport, write_spark

__all__ = ["SparkReport", "write_spark"]
