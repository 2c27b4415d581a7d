"""Frames back out of a target: what was written, as pandas, Polars or Arrow, or as Parquet."""

from clicksession.loading.frames import load_events, load_sessions
from clicksession.loading.parquet import export_events, export_sessions

__all__ = ["export_events", "export_sessions", "load_events", "load_sessions"]
