"""The schemas of known exports, as the arguments of an `EventSchema`.

Where an export names both a person and a device, the person comes first and the device, which is
always there, second; the device stays a column of its own, so that nothing is lost. Where a vendor
has an identity of its own that spans both, that one is the user.
"""

from typing import Any

__all__ = ["PRESETS"]

_SEGMENT: dict[str, Any] = {
    "event_id": "messageId",
    "user_id": ("userId", "anonymousId"),
    "timestamp": ("timestamp", "originalTimestamp"),
    # A track call says what happened; a page or screen call only that it is one.
    "event_type": ("event", "type"),
    "keep": ("userId", "anonymousId", "originalTimestamp", "type"),
    "format": "json",
}

PRESETS: dict[str, dict[str, Any]] = {
    "amplitude": {
        "event_id": "uuid",
        # Amplitude's own user, the same before and after a login.
        "user_id": "amplitude_id",
        "timestamp": "event_time",
        "event_type": "event_type",
        "format": "json",
    },
    "combined": {
        "user_id": "visitor",
        "timestamp": "time",
        "format": "weblog",
    },
    "ga4": {
        "user_id": ("user_id", "user_pseudo_id"),
        "timestamp": "event_timestamp",
        "event_type": "event_name",
        "keep": ("user_id", "user_pseudo_id"),
        "pairs": ("event_params", "user_properties"),
        "format": "json",
    },
    "matomo": {
        # The action's number in Matomo's log; an order and a conversion have none there.
        "event_id": "actionDetails.pageId",
        "user_id": ("userId", "visitorId"),
        "timestamp": "actionDetails.timestamp",
        "event_type": "actionDetails.type",
        "keep": ("userId", "visitorId"),
        "events": "actionDetails",
        "format": "json",
    },
    "mixpanel": {
        "event_id": "properties.$insert_id",
        "user_id": "properties.distinct_id",
        "timestamp": "properties.time",
        "event_type": "event",
        "format": "json",
    },
    "posthog": {
        "event_id": "uuid",
        # PostHog's own user, the same before and after a login.
        "user_id": ("person_id", "distinct_id"),
        "timestamp": "timestamp",
        "event_type": "event",
        "keep": "distinct_id",
        "format": "json",
    },
    "rudderstack": _SEGMENT,
    "segment": _SEGMENT,
    "snowplow": {
        "event_id": "event_id",
        "user_id": ("user_id", "domain_userid", "network_userid"),
        # The derived time corrects the device's clock; the collector's is always there.
        "timestamp": ("derived_tstamp", "collector_tstamp"),
        "event_type": ("event_name", "event"),
        "keep": ("user_id", "domain_userid", "network_userid", "collector_tstamp", "event"),
        "format": "snowplow",
    },
    "webshop": {
        "event_id": "id",
        "user_id": "event.customer-id",
        "timestamp": "event.timestamp",
        "event_type": "type",
    },
}

# Access logs know no person: their readers make a visitor of the address and the agent. The id of
# a request is not one of an event where one request has several lines (S3), or the client says it
# (ALB).
_ACCESS_LOG = {"user_id": "visitor", "timestamp": "time"}
PRESETS |= {
    "alb": {**_ACCESS_LOG, "format": "alb"},
    "cloudfront": {**_ACCESS_LOG, "event_id": "x-edge-request-id", "format": "w3c"},
    "elb": {**_ACCESS_LOG, "format": "elb"},
    "s3_access": {**_ACCESS_LOG, "format": "s3_access"},
    "w3c": {**_ACCESS_LOG, "format": "w3c"},
}
