"""The raw events of products that analyse them themselves."""

from collections.abc import Mapping

from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join, Local

__all__ = ["EXPORTS"]

EXPORTS: Mapping[str, Export] = {
    "amplitude": Export(
        (
            "amplitude.com/docs/apis/analytics/export, Export API",
            "amplitude.com/docs/data/web-autocapture-schema",
            "github.com/amplitude/Amplitude-Android/pull/50, out-of-session events",
        ),
        "2026-11-29",
        {
            "event_id": "uuid",
            # Amplitude's own user, the same before and after a login.
            "user_id": "amplitude_id",
            "timestamp": "event_time",
            "event_type": "event_type",
            "outside": {"session_id": "-1"},
            "vocabulary": {
                "page_view": (
                    "Page viewed",
                    "[Amplitude] Page Viewed",
                    "[Amplitude] Screen Viewed",
                ),
            },
            "format": "json",
        },
    ),
    "mixpanel": Export(
        (
            "docs.mixpanel.com/reference/raw-event-export, Download Data",
            "docs.mixpanel.com/reference/event-deduplication, Event Deduplication",
            "mixpanel.com/help/reference/exporting-raw-data, Exporting Raw Data",
        ),
        "2026-11-29",
        {
            "event_id": Join(
                "event",
                "properties.distinct_id",
                "properties.time",
                "properties.$insert_id",
                separator="|",
            ),
            "user_id": "properties.distinct_id",
            # Of a project from before 2023, in the project's zone, which only its owner knows.
            "timestamp": Local("properties.time"),
            "event_type": "event",
            # Events of years ago, and of libraries that send none, have no $insert_id.
            "optional": "event_id",
            "keep": "properties.$insert_id",
            "vocabulary": {"page_view": "$mp_web_page_view"},
            "format": "json",
        },
    ),
    "posthog": Export(
        (
            "posthog.com/docs/cdp/batch-exports/s3, Events model",
            "posthog.com/docs/product-analytics/autocapture",
            "posthog.com/docs/data/event-spec/ecommerce-events",
        ),
        "2026-11-29",
        {
            "event_id": "uuid",
            # PostHog's own user, the same before and after a login.
            "user_id": ("person_id", "distinct_id"),
            "timestamp": "timestamp",
            "event_type": "event",
            "keep": "distinct_id",
            # Objects in JSON lines, and texts in Parquet.
            "json": ("properties", "person_properties"),
            "vocabulary": {
                "page_view": ("$pageview", "$screen"),
                "order": "Order Completed",
                "cart": "Product Added",
                "checkout": "Checkout Started",
                "product_view": "Product Viewed",
                "search": "Products Searched",
            },
            "format": "json",
        },
    ),
}
