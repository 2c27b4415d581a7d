"""The table of docs/coming-from/spark.md, from both: Spark's windows and the library's sessions."""

from typing import Any

import pandas as pd

import clicksession as cs

TIMES = ["10:00:00", "10:30:00", "11:00:00.998", None, "10:00:00", "10:05:00"]
USERS = ["ann", "ann", "ann", "bob", None, None]


def test_the_rows_of_the_page(spark: Any) -> None:
    from pyspark.sql import functions as f

    rows = [(user, time and f"2024-05-01 {time}") for user, time in zip(USERS, TIMES, strict=True)]
    log = spark.createDataFrame(rows, "user_id string, timestamp string")
    log = log.withColumn("timestamp", f.col("timestamp").cast("timestamp"))
    windows = log.groupBy("user_id", f.session_window("timestamp", "30 minutes")).count()
    theirs = windows.select(
        "user_id",
        f.date_format("session_window.start", "HH:mm:ss.SSS"),
        f.date_format("session_window.end", "HH:mm:ss.SSS"),
        "count",
    ).collect()
    assert sorted(map(tuple, theirs), key=str) == [
        ("ann", "10:00:00.000", "11:00:00.000", 2),
        ("ann", "11:00:00.998", "11:30:00.998", 1),
        (None, "10:00:00.000", "10:35:00.000", 2),
    ]
    ours = cs.summarize(cs.sessionize(log, timeout="30min"))
    found = ours.select(
        "user_id",
        f.date_format("started_at", "HH:mm:ss.SSS"),
        f.date_format("ended_at", "HH:mm:ss.SSS"),
        "event_count",
    ).collect()
    assert sorted(map(tuple, found)) == [
        ("ann", "10:00:00.000", "10:30:00.000", 2),
        ("ann", "11:00:00.998", "11:00:00.998", 1),
    ]
    visits = pd.DataFrame(cs.sessionize(log, timeout="30min").select("session_index").collect())
    assert visits[0].isna().sum() == 3
