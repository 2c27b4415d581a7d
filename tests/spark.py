"""A Spark on this machine."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from typing import Any

__all__ = ["spark_session"]


def spark_session() -> Any:
    """Return a small local Spark, the same one at every call."""
    from pyspark.sql import SparkSession

    # Its workers import what this process imports, from where it does.
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.sql.warehouse.dir": _warehouse(),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        # Plans of a few rows: optimising and compiling them takes longer than running them.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        # It ends before compiling twice, and collecting in parallel, would pay.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        # A zone with daylight saving: nothing may depend on it.
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    builder = SparkSession.builder.master("local[2]").appName("clicksession")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


@cache
def _warehouse() -> str:
    """Return a folder of this process for tables: others run the tests beside it."""
    folder = tempfile.mkdtemp(prefix="spark")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
