WITH numbered_events AS (
    SELECT
        events.session_id,
        events.referrer,
        row_number() OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
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
        sessions.session_id AS session_id,
        sessions.user_id AS user_id,
        sessions.started_at AS started_at,
        sessions.ended_at AS ended_at,
        sessions.duration_seconds AS duration_seconds,
        sessions.event_count AS event_count,
        first_events.referrer AS key_1
    FROM sessions
    INNER JOIN first_events ON first_events.session_id = sessions.session_id
),
durations AS (
    SELECT
        kept_sessions.key_1,
        toFloat64(dateDiff('microsecond', kept_sessions.started_at, kept_sessions.ended_at))
            / 60000000 AS minutes
    FROM kept_sessions
)
SELECT
    durations.key_1 AS referrer,
    quantileExactInclusive(0.9)(durations.minutes) AS p90_session_duration_minutes
FROM durations
GROUP BY durations.key_1
ORDER BY durations.key_1 NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
