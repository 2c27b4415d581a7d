"""What counts visits of web sites, and what stands before their servers."""

from collections.abc import Mapping

from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join

__all__ = ["EXPORTS"]

EXPORTS: Mapping[str, Export] = {
    "cloudflare": Export(
        (
            "developers.cloudflare.com/logs, Logpush datasets, HTTP requests",
            "developers.cloudflare.com/logs, Log Output Options",
        ),
        "2026-11-29",
        {
            "event_id": "RayID",
            # A visitor of a log is an address with an agent, or the address where none is sent.
            "user_id": (Join("ClientIP", "ClientRequestUserAgent", separator="|"), "ClientIP"),
            "timestamp": "EdgeStartTimestamp",
            # Which fields a job sends, its owner chose.
            "optional": "event_id",
            "keep": ("ClientIP", "ClientRequestUserAgent"),
            "format": "json",
        },
    ),
    "umami": Export(
        (
            "github.com/umami-software/umami, db/clickhouse/schema.sql",
            "github.com/umami-software/umami, src/lib/constants.ts",
        ),
        "2026-11-29",
        {
            "event_id": "event_id",
            # Umami's session is a visitor, another one every month; its visit is a session.
            "user_id": ("distinct_id", "session_id"),
            "timestamp": "created_at",
            # Events have names; what has none is a page view, 1.
            "event_type": ("event_name", "event_type"),
            "keep": ("distinct_id", "session_id", "event_name", "event_type"),
            "vocabulary": {"page_view": "1"},
            "format": "csv",
        },
    ),
}
