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
        "alb": "clicksession.readers.formats.weblogs.aws:AlbReader",
        "arrow": "clicksession.readers.formats.arrow:ArrowReader",
        "avro": "clicksession.readers.formats.avro:AvroReader",
        "csv": "clicksession.readers.formats.csv.reader:CsvReader",
        "elb": "clicksession.readers.formats.weblogs.aws:ElbReader",
        "json": "clicksession.readers.formats.json.reader:JsonReader",
        "orc": "clicksession.readers.formats.orc:OrcReader",
        "parquet": "clicksession.readers.formats.parquet:ParquetReader",
        "s3_access": "clicksession.readers.formats.weblogs.aws:S3AccessReader",
        "snowplow": "clicksession.readers.formats.snowplow:SnowplowReader",
        "tsv": "clicksession.readers.formats.csv.reader:TsvReader",
        "w3c": "clicksession.readers.formats.weblogs.w3c:W3cReader",
        "weblog": "clicksession.readers.formats.weblogs.weblog:WeblogReader",
    },
)
