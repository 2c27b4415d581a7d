WITH numbered_events AS (
    SELECT
        events.session_id,
        events.referrer,
        row_number() OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id IS NULL, events.event_id
        ) AS event_number
    FROM events
    WHERE events.session_id IS NOT NULL
),
first_events AS (
    SELECT
        numbered_events.session_id,
        numbered_events.referrer
    FROM numbered_events
    WHERE numbered_events.event_number = 1
),
kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        first_events.referrer AS first_referrer
    FROM sessions
    JOIN first_events ON first_events.session_id = sessions.session_id
),
numbered_sessions AS (
    SELECT
        kept_sessions.session_id,
        kept_sessions.user_id,
        kept_sessions.started_at,
        kept_sessions.ended_at,
        kept_sessions.duration_seconds,
        kept_sessions.event_count,
        kept_sessions.first_referrer,
        row_number() OVER (
            PARTITION BY kept_sessions.user_id
            ORDER BY kept_sessions.started_at, kept_sessions.session_id
        ) AS number
    FROM kept_sessions
),
sessions_with_origins AS (
    SELECT
        numbered_sessions.session_id,
        numbered_sessions.user_id,
        min(
            CASE WHEN numbered_sessions.first_referrer IS NOT NULL THEN numbered_sessions.number END
        ) OVER (
            PARTITION BY numbered_sessions.user_id
            ORDER BY numbered_sessions.number
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS origin_number
    FROM numbered_sessions
),
conversions AS (
    SELECT
        events.session_id,
        min(events.timestamp) AS converted_at
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
counted AS (
    SELECT
        origins.first_referrer AS source,
        count(*) AS conversions
    FROM sessions_with_origins
    JOIN conversions ON conversions.session_id = sessions_with_origins.session_id
    LEFT OUTER JOIN numbered_sessions AS origins
        ON origins.user_id = sessions_with_origins.user_id
        AND origins.number = sessions_with_origins.origin_number
    GROUP BY origins.first_referrer
)
SELECT
    counted.source,
    counted.conversions,
    CAST(counted.conversions AS FLOAT64) / nullif(sum(counted.conversions) OVER (), 0) AS share
FROM counted
ORDER BY counted.conversions DESC, counted.source IS NULL, counted.source
