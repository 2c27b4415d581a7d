"""The definitions of known products, as data: what each says, where that stands, what is assumed.

Times are compared as each product compares them. Columns that a product has under names of its own
are called ``utm_campaign``, ``referrer`` and ``new_visit`` here.
"""

from collections.abc import Mapping

from clicksession.rules.preset import BOUNDARY, Preset
from clicksession.rules.self_hosted import SELF_HOSTED

__all__ = ["PRESETS", "Preset"]

_NO_DEFAULT = "It has no timeout of its own: 30 minutes stand here."

PRESETS: Mapping[str, Preset] = {
    "original": Preset(
        "the original system, which this library replaces",
        "BurakCakan/sessionize-clickstream-data: `int(round(seconds / 60)) > 30`",
        {"timeout": "30min", "resolution": "minute", "rounding": "nearest"},
        "So it cuts after 30 minutes and 30 seconds: 30.5 rounds to 30.",
    ),
    "ga4": Preset(
        "Google Analytics 4",
        "its help on sessions: no limit of length, no midnight, no campaign",
        {"timeout": "30min"},
        f'The help says "after 30 minutes". {BOUNDARY}',
    ),
    "universal_analytics": Preset(
        "Universal Analytics",
        "its help, articles 2731565, 6086069 and 2795871",
        {
            "timeout": "30min",
            "at_timeout": "new",
            "midnight": "UTC",
            "change": "utm_campaign",
        },
        "Midnight is that of the view's time zone: give `midnight`. A visit without a campaign "
        "does not end the campaign before it.",
    ),
    "adobe": Preset(
        "Adobe Analytics",
        "AdobeDocs/analytics.en, components/metrics/visits.md",
        {
            "timeout": "30min",
            "max_duration": "12h",
            "max_events": 2500,
            "max_rate": (100, "100s"),
        },
        "Every event is a hit. That hit 2,501 begins the next visit, and hit 101 within less than "
        "100 seconds, is assumed.",
    ),
    "mixpanel": Preset(
        "Mixpanel",
        "its documentation on sessions, timeout-based",
        {"timeout": "30min", "max_duration": "24h", "midnight": "UTC"},
        "Midnight is that of the project's time zone: give `midnight`. "
        f"{BOUNDARY} Events that it excludes are `excluded_events` here.",
    ),
    "amplitude": Preset(
        "Amplitude",
        "its documentation, instrument-track-sessions",
        {"timeout": "30min"},
        f"That is the web; apps have 5 minutes: give `timeout`, or `timeout_column`. {BOUNDARY} "
        'Events out of session are told by the schema: `EventSchema.preset("amplitude")`.',
    ),
    "posthog": Preset(
        "PostHog",
        "posthog-js, sessionid.ts: `abs(now - last) > timeout`; 24 hours since the start",
        {"timeout": "30min", "max_duration": "24h"},
        "`reset()` and ids of one's own are `start_column` here.",
    ),
    "heap": Preset(
        "Heap",
        "its documentation, Session Behavior: 30 minutes without a page view, 5 in apps",
        {"timeout": "30min"},
        "Every event is taken to be a page view. Others in the foreground keep a session open for "
        f"5 minutes: give `timeout_column`, or `excluded_events`. {BOUNDARY}",
    ),
    **SELF_HOSTED,
    "segment_dbt": Preset(
        "Segment's dbt package",
        "dbt-labs/segment: `datediff('second', …) <= 30 * 60`",
        {"timeout": "30min", "resolution": "second", "rounded": "times"},
        "`datediff` counts the seconds begun between both times, as on Redshift and Snowflake; "
        'BigQuery cuts the time between: give `rounded`. Its documentation says "30 minutes or '
        'more"; its SQL keeps exactly 30.',
    ),
    "rudderstack_dbt": Preset(
        "RudderStack's dbt package",
        "rudderlabs/dbt-sessionization, dbt_mapped_tracks.sql and dbt_session_tracks.sql: "
        "`timestamp_diff(…, minute) > 30`",
        {"timeout": "30min", "resolution": "minute"},
        'So it cuts from 31 minutes on, though its comment says "30 minutes or more": BigQuery '
        "cuts the time between to whole minutes.",
    ),
    "spark": Preset(
        "Spark's session_window",
        "apache/spark: windows merge where one starts at or before the other's end",
        {"timeout": "30min"},
        f"{_NO_DEFAULT} A gap per row is `timeout_column`. A window ends one gap after its last "
        "event there, a session at its last event here.",
    ),
    "flink": Preset(
        "Flink's session windows",
        "apache/flink: windows merge where they touch",
        {"timeout": "30min"},
        f"{_NO_DEFAULT} A dynamic gap is `timeout_column`.",
    ),
    "beam": Preset(
        "Apache Beam's Sessions",
        "apache/beam: windows merge where one ends after the other starts",
        {"timeout": "30min", "at_timeout": "new"},
        _NO_DEFAULT,
    ),
    "kafka_streams": Preset(
        "Kafka Streams' session windows",
        "apache/kafka: a record joins windows within the gap on either side, both inclusive",
        {"timeout": "30min"},
        f"{_NO_DEFAULT} Records that come after the grace period are dropped there, and none here.",
    ),
    "retentioneering": Preset(
        "retentioneering's split_sessions",
        "retentioneering 5.2.4, run and read: a new session where the gap is longer",
        {"timeout": "30min"},
        f"{_NO_DEFAULT} Its `separator` is `delimiter_events`, and its `bounds` are "
        "`start_events` and `end_events`, both with `between=True`: what comes before the first "
        "separator, or lies outside of the bounds, has no session. It drops the bounds themselves "
        "from the result; here they belong to their sessions. Of events of one moment it takes "
        "separators first.",
    ),
    "reconstructr": Preset(
        "R's reconstructr",
        "its sessionise(): a new session where the gap is 3600 seconds or more",
        {"timeout": "1h", "at_timeout": "new"},
    ),
}
