"""The schemas of known exports, as the arguments of an `EventSchema`.

Where an export names both a person and a device, the person comes first and the device, which is
always there, second; the device stays a column of its own, so that nothing is lost. Where a vendor
has an identity of its own that spans both, that one is the user.
"""

from typing import Any

__all__ = ["PRESETS"]

# The fields of an enriched event in their order, which is all that names them in a file without
# a header: https://docs.snowplow.io/docs/fundamentals/canonical-event/
_FIELDS = """
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id
    name_tracker v_tracker v_collector v_etl user_id user_ipaddress user_fingerprint
    domain_userid domain_sessionidx network_userid geo_country geo_region geo_city geo_zipcode
    geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain ip_netspeed
    page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath
    page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath
    refr_urlquery refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source
    mkt_term mkt_content mkt_campaign contexts se_category se_action se_label se_property
    se_value unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city
    tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity
    pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name br_family
    br_version br_type br_renderengine br_lang br_features_pdf br_features_flash
    br_features_java br_features_director br_features_quicktime br_features_realplayer
    br_features_windowsmedia br_features_gears br_features_silverlight br_cookies br_colordepth
    br_viewwidth br_viewheight os_name os_family os_manufacturer os_timezone dvce_type
    dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height
    tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base
    base_currency geo_timezone mkt_clickid mkt_network etl_tags dvce_sent_tstamp
    refr_domain_userid refr_device_tstamp derived_contexts domain_sessionid derived_tstamp
    event_vendor event_name event_format event_version event_fingerprint true_tstamp
"""
_SNOWPLOW = tuple(_FIELDS.split())

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
        "columns": _SNOWPLOW,
        "format": "tsv-plain",
    },
    "webshop": {
        "event_id": "id",
        "user_id": "event.customer-id",
        "timestamp": "event.timestamp",
        "event_type": "type",
    },
}
