"""Logs to try things on: made, not measured, and the same for the same seed."""

from clicksession.datasets.webshop import webshop_events, write_webshop

__all__ = ["webshop_events", "write_webshop"]
