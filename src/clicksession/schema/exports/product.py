"""The raw events of products that analyse them themselves."""

from collections.abc import Mapping

from clicksession.formats import TSV
from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join, Local, Sum

__all__ = ["EXPORTS"]

# A hit is left out of Adobe's own figures where this is more than 0; it is one unsigned byte.
_EXCLUDED = tuple(map(str, range(1, 256)))
# Rows that were uploaded from elsewhere: sums, and no hits of a visitor.
_UPLOADED = ("5", "7", "8", "9")

# Where the actions of one of Matomo's visits are.
_ACTION = "actionDetails"

EXPORTS: Mapping[str, Export] = {
    "adobe": Export(
        (
            "experienceleague.adobe.com, Data feed contents, Data column reference",
            "experienceleague.adobe.com, Data feed contents, Calculate metrics",
            "experienceleague.adobe.com, Data feed contents, Special characters",
            "experienceleague.adobe.com, Data feeds best practices",
        ),
        "2026-11-29",
        {
            # Files may be sent twice; in rare cases two hits share the two halves of an id.
            "event_id": (
                Join("hitid_high", "hitid_low", "visit_num", "visit_page_num", separator="-"),
                Join("hitid_high", "hitid_low", separator="-"),
            ),
            "user_id": Join("post_visid_high", "post_visid_low", separator="-"),
            "timestamp": "hit_time_gmt",
            # The number of the kind of hit. What happened in it is a list, in post_event_list.
            "event_type": ("post_page_event", "page_event"),
            "keep": ("visit_num", "visit_page_num"),
            # Which columns a feed has, its owner chose.
            "optional": ("event_id", "event_type"),
            "exclude": {"exclude_hit": _EXCLUDED, "hit_source": _UPLOADED},
            "vocabulary": {"page_view": "0"},
            "format": TSV(quote=None, escape="\\"),
        },
        order=("visit_num", "visit_page_num"),
    ),
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
    "matomo": Export(
        (
            "developer.matomo.org/api-reference/reporting-api, Live.getLastVisitsDetails",
            "github.com/matomo-org/matomo, plugins/Actions/VisitorDetails.php",
            "github.com/matomo-org/matomo, plugins/Live/VisitorDetails.php",
            "github.com/matomo-org/matomo/issues/22720",
        ),
        "2026-11-29",
        {
            # An action has a number in Matomo's log. An order and a conversion have none there;
            # what else is said of their visit changes as long as the visit goes on.
            "event_id": (
                f"{_ACTION}.pageId",
                Join("idSite", f"{_ACTION}.type", f"{_ACTION}.orderId", separator="|"),
                Join(
                    "idVisit",
                    f"{_ACTION}.type",
                    f"{_ACTION}.goalId",
                    f"{_ACTION}.timestamp",
                    separator="|",
                ),
            ),
            "user_id": ("userId", "visitorId"),
            # What an action's clock showed is the site's; only the visit's own times are instants.
            "timestamp": Local(
                f"{_ACTION}.timestamp", first="firstActionTimestamp", last="lastActionTimestamp"
            ),
            "event_type": f"{_ACTION}.type",
            "keep": (
                "userId",
                "visitorId",
                "idSite",
                "idVisit",
                f"{_ACTION}.pageId",
                f"{_ACTION}.orderId",
                f"{_ACTION}.goalId",
            ),
            "events": _ACTION,
            "vocabulary": {"page_view": "action", "order": "ecommerceOrder", "search": "search"},
            "format": "json",
        },
        order=(f"{_ACTION}.pageId",),
    ),
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
