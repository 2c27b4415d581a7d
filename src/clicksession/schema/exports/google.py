"""What Google Analytics wrote to BigQuery, before and after 2023."""

from collections.abc import Mapping

from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join, Sum

__all__ = ["EXPORTS"]

EXPORTS: Mapping[str, Export] = {
    "ga4": Export(
        (
            "support.google.com/analytics/answer/7029846, BigQuery Export schema",
            "support.google.com/analytics/answer/9267735, Recommended events",
            "support.google.com/analytics/answer/9234069, Automatically collected events",
        ),
        "2026-11-29",
        {
            "user_id": ("user_id", "user_pseudo_id"),
            "timestamp": "event_timestamp",
            "event_type": "event_name",
            "keep": ("user_id", "user_pseudo_id"),
            "pairs": ("event_params", "user_properties"),
            "vocabulary": {
                "page_view": ("page_view", "screen_view"),
                "order": ("purchase", "in_app_purchase"),
                "cart": "add_to_cart",
                "checkout": "begin_checkout",
                "product_view": "view_item",
                "search": ("search", "view_search_results"),
                "sign_up": "sign_up",
                "login": "login",
                "heartbeat": "user_engagement",
            },
            "format": "json",
        },
        # The events of one batch have one time.
        order=("batch_page_id", "batch_ordering_id", "batch_event_index"),
    ),
    "universal_analytics": Export(
        ("support.google.com/analytics/answer/3437719, [UA] BigQuery Export schema",),
        "2026-11-29",
        {
            # A visit that goes on after midnight is in the tables of both days, under one visitId.
            "event_id": Join(
                "fullVisitorId", "visitId", "visitStartTime", "hits.hitNumber", separator="-"
            ),
            "user_id": ("userId", "fullVisitorId"),
            "timestamp": Sum({"visitStartTime": "s", "hits.time": "ms"}),
            "event_type": "hits.type",
            "keep": (
                "userId",
                "fullVisitorId",
                "visitId",
                "visitStartTime",
                "hits.hitNumber",
                "hits.time",
            ),
            "events": "hits",
            "vocabulary": {"page_view": ("PAGE", "APPVIEW"), "order": "TRANSACTION"},
            "format": "json",
        },
        order=("hits.hitNumber",),
    ),
}
