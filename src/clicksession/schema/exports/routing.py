"""What passes through pipelines that hand events on."""

from collections.abc import Mapping
from typing import Any

from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join

__all__ = ["EXPORTS"]

_SHOPPING = {
    "page_view": ("page", "screen"),
    "order": "Order Completed",
    "cart": "Product Added",
    "checkout": "Checkout Started",
    "product_view": "Product Viewed",
    "search": "Products Searched",
}

_MESSAGE: dict[str, Any] = {
    "event_id": "messageId",
    "user_id": ("userId", "anonymousId"),
    "timestamp": ("timestamp", "originalTimestamp"),
    # A track call says what happened; a page or screen call only that it is one.
    "event_type": ("event", "type"),
    "keep": ("userId", "anonymousId", "originalTimestamp", "type"),
    "format": "json",
}

EXPORTS: Mapping[str, Export] = {
    "rudderstack": Export(
        (
            "rudderstack.com/docs/event-spec/standard-events/common-fields",
            "rudderstack.com/docs/event-spec/ecommerce-events-spec",
            "rudderstack.com/docs/user-guides/administrators-guide/deduplication",
        ),
        "2026-11-29",
        {**_MESSAGE, "vocabulary": _SHOPPING},
    ),
    "segment": Export(
        (
            "twilio.com/docs/segment/connections/spec/common, Spec: Common Fields",
            "twilio.com/docs/segment/connections/spec/ecommerce/v2, Spec: V2 Ecommerce Events",
            "twilio.com/docs/segment/connections/spec/b2b-saas, Spec: B2B SaaS",
            "twilio.com/docs/segment/guides/duplicate-data, Handling Duplicate Data",
            "github.com/segmentio/segment-docs/pull/7645, offline events",
        ),
        "2026-11-29",
        {
            **_MESSAGE,
            "vocabulary": {**_SHOPPING, "sign_up": "Signed Up", "login": "Signed In"},
        },
    ),
    "snowplow": Export(
        (
            "docs.snowplow.io/docs/fundamentals/canonical-event",
            "docs.snowplow.io/docs/events/ootb-data",
            "docs.snowplow.io, Event deduplication with Spark transformer",
        ),
        "2026-11-29",
        {
            # The same event twice has both in common; robots send other events under one id.
            "event_id": (Join("event_id", "event_fingerprint", separator="|"), "event_id"),
            "user_id": ("user_id", "domain_userid", "network_userid"),
            # The derived time corrects the device's clock; the collector's is always there.
            "timestamp": ("derived_tstamp", "collector_tstamp"),
            "event_type": ("event_name", "event"),
            "keep": (
                "user_id",
                "domain_userid",
                "network_userid",
                "collector_tstamp",
                "event",
                "event_fingerprint",
            ),
            "vocabulary": {
                "page_view": ("page_view", "screen_view"),
                "order": "transaction",
                "cart": "add_to_cart",
                "search": "site_search",
                "heartbeat": "page_ping",
            },
            "format": "snowplow",
        },
    ),
}
