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
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        first_events.referrer AS key_1
    FROM sessions
    JOIN first_events ON first_events.session_id = sessions.session_id
),
durations AS (
    SELECT
        kept_sessions.key_1,
        CAST((epoch_us(kept_sessions.ended_at) - epoch_us(kept_sessions.started_at)) AS DOUBLE)
            / 60000000 AS minutes
    FROM kept_sessions
)
SELECT
    durations.key_1 AS referrer,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY durations.minutes)
        AS p90_session_duration_minutes
FROM durations
GROUP BY durations.key_1
ORDER BY durations.key_1 NULLS LAST
