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
        "arrow": "clicksession.readers.arrow:ArrowReader",
        "avro": "clicksession.readers.avro:AvroReader",
        "csv": "clicksession.readers.csv:CsvReader",
        "json": "clicksession.readers.json:JsonReader",
        "orc": "clicksession.readers.orc:OrcReader",
        "parquet": "clicksession.readers.parquet:ParquetReader",
        "snowplow": "clicksession.readers.snowplow:SnowplowReader",
        "tsv": "clicksession.readers.csv:TsvReader",
        "weblog": "clicksession.readers.weblog:WeblogReader",
    },
)
