"""The definitions of products that run on a server of one's own, as their code has them."""

from collections.abc import Mapping

from clicksession.rules.preset import BOUNDARY, Preset

__all__ = ["SELF_HOSTED"]

SELF_HOSTED: Mapping[str, Preset] = {
    "matomo": Preset(
        "Matomo",
        "matomo-org/matomo f09912c: last action later than now - 1800 s; "
        "`create_new_visit_after_x_actions` in global.ini.php; Referrers/Columns/Campaign.php and "
        "its ReferrerAttributionTest",
        {
            "timeout": "30min",
            "at_timeout": "new",
            "resolution": "second",
            "rounded": "times",
            "midnight": "UTC",
            "change": "utm_campaign",
            "change_from_empty": False,
            "change_memory": "session",
            "change_from_column": "referrer",
            "max_events": 10_000,
            "start_column": "new_visit",
        },
        "Midnight is that of the site's time zone: give `midnight`. It keeps whole seconds. A "
        "change of user is another user here. Every event is an action. A visit that began as a "
        "direct entry takes the first campaign as its own; after a referrer the campaign starts "
        "another: `referrer` has those from outside, and nothing for a direct entry and for pages "
        "of the site. It compares campaign and keyword in small letters: give a column of both.",
    ),
    "plausible": Preset(
        "Plausible",
        "plausible/analytics e9b4899, session/cache_store.ex, and 0079d69, application.ex: a cache "
        "that keeps a session for 30 minutes (`global_ttl`) from its last event",
        {"timeout": "30min"},
        "The cache looks every ten seconds: a session can go on for ten seconds longer there. Its "
        "second test, `diff(minute) <= 30`, lets 30 minutes and 59 seconds pass, and is reached by "
        "none that the cache has dropped. Its own times are whole seconds.",
    ),
    "umami": Preset(
        "Umami",
        "umami-software/umami, src/lib/collection-session.ts: `now - iat > 1800`, where `iat` is "
        "the start of the visit; the visit's id is made of the clock hour",
        {
            "timeout": "30min",
            "measured_from": "start_by_hour",
            "resolution": "second",
            "rounded": "times",
        },
        "The server's clock is assumed to be in UTC, and events to be received when they happen. "
        "A visitor becomes another one every month: leave that to `user`.",
    ),
    "d8a": Preset(
        "d8a",
        "d8a-tech/d8a d7475c1, pkg/splitter: conditions.go, modifier.go and modifier_test.go",
        {
            "timeout": "30min",
            "max_duration": "12h",
            "at_max_duration": "new",
            "max_events": 1000,
            "change": "utm_campaign",
            "change_from_empty": False,
            "change_memory": "session",
        },
        f"{BOUNDARY} An event without a campaign never splits, and each session begins without "
        "one. A campaign that is an empty text is another campaign there, and none here. A change "
        "of user is another user here.",
    ),
    "pirsch": Preset(
        "Pirsch",
        "pirsch-analytics/pirsch ea7c1f1, pkg/ingest/session: session.go, mem.go and "
        "session_test.go",
        {
            "timeout": "30min",
            "at_timeout": "new",
            "max_duration": "24h",
            "change": (
                "referrer",
                "utm_source",
                "utm_medium",
                "utm_campaign",
                "utm_content",
                "utm_term",
            ),
            "change_memory": "session",
        },
        "A visitor is another every day (UTC), and yesterday's is looked for until 00:30: there a "
        "session that began before midnight goes on until then, and here for as long as it has no "
        "pause. `referrer` has those from outside, and nothing "
        "for pages of the site. Requests above a limit of page views are dropped there.",
    ),
    "openpanel": Preset(
        "OpenPanel",
        "Openpanel-dev/openpanel ed7bddd, apps/api/src/utils/ids.ts: `event - last < 30 minutes`",
        {"timeout": "30min", "at_timeout": "new"},
        "So says its API, which gives an event the id of its session. Its worker, in "
        "session-buffer.ts, cuts beyond 30 minutes: of an event at exactly 30 minutes the two say "
        "different things. Events of servers, and those older than 15 minutes when they come, "
        "start no session there: give `excluded_events`.",
    ),
    "rybbit": Preset(
        "Rybbit",
        "rybbit-io/rybbit 0d0437c, server/src/db/redis/redis.ts, and d27217e, sessionsService.ts: "
        "a key of Redis that is kept for 30 minutes from each event",
        {"timeout": "30min"},
        "Redis says that a key is gone once its moment is over, so that exactly 30 minutes stay in "
        "the session, and counts whole milliseconds. Until 6e4691b a cache in memory kept "
        "sessions, and exactly 30 minutes started another.",
    ),
    "swetrix": Preset(
        "Swetrix",
        "Swetrix/swetrix c5f4c86, analytics.service.ts and salt.service.ts: a key of Redis that is "
        "kept for `UNIQUE_SESSION_LIFE_TIME`, 1800 seconds, from each event, and is made with the "
        "salt of the day",
        {"timeout": "30min", "midnight": "UTC"},
        "Redis says that a key is gone once its moment is over, so that exactly 30 minutes stay in "
        "the session, and counts whole milliseconds. The salt is kept for up to 10 minutes after "
        "midnight. Heartbeats are events.",
    ),
    "shynet": Preset(
        "Shynet",
        "milesmcc/shynet 02cbee5, analytics/tasks.py: a value in Django's cache that is kept for "
        "`SESSION_MEMORY_TIMEOUT`, 1800 seconds, from each request",
        {"timeout": "30min", "at_timeout": "new"},
        "The cache is the one in memory, its default, for which a value is over at its moment. "
        'With Redis exactly 30 minutes stay in the session: give `at_timeout="same"`. Heartbeats '
        "are events. With `AGGRESSIVE_HASH_SALTING` a visitor is another every day.",
    ),
    "goatcounter": Preset(
        "GoatCounter",
        "arp242/goatcounter c957f51, memstore.go: what was last seen at or before now - 8 hours, "
        "in whole seconds, is forgotten",
        {"timeout": "8h", "at_timeout": "new", "resolution": "second", "rounded": "times"},
        "It looks once a minute: a visit can last up to a minute longer there. A visitor is the "
        "address with the agent.",
    ),
}
