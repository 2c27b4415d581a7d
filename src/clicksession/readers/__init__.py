"""Readers: from files and URLs to batches of flat rows, and to events.

A reader turns the bytes of one file into `Batch`es of flat rows. Everything
after that is common to all formats: canonical columns, times, and errors that
name the place (`events.py`).
"""

from clicksession.registry import Registry

__all__ = ["READERS"]

READERS = Registry(
    kind="format",
    group="clicksession.readers",
    builtin={
        "alb": "clicksession.readers.aws_logs:AlbReader",
        "arrow": "clicksession.readers.arrow:ArrowReader",
        "avro": "clicksession.readers.avro:AvroReader",
        "csv": "clicksession.readers.csv:CsvReader",
        "elb": "clicksession.readers.aws_logs:ElbReader",
        "json": "clicksession.readers.json:JsonReader",
        "orc": "clicksession.readers.orc:OrcReader",
        "parquet": "clicksession.readers.parquet:ParquetReader",
        "s3_access": "clicksession.readers.aws_logs:S3AccessReader",
        "snowplow": "clicksession.readers.snowplow:SnowplowReader",
        "tsv": "clicksession.readers.csv:TsvReader",
        "w3c": "clicksession.readers.w3c:W3cReader",
        "weblog": "clicksession.readers.weblog:WeblogReader",
    },
)
