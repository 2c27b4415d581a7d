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
        first_events.referrer AS key_1
    FROM sessions
    JOIN first_events ON first_events.session_id = sessions.session_id
),
durations AS (
    SELECT
        kept_sessions.key_1,
        CAST(
            TIMESTAMP_DIFF(kept_sessions.ended_at, kept_sessions.started_at, MICROSECOND) AS FLOAT64
        ) / 60000000 AS minutes
    FROM kept_sessions
),
ranked_durations AS (
    SELECT
        durations.key_1,
        durations.minutes,
        row_number() OVER (
            PARTITION BY durations.key_1
            ORDER BY durations.minutes IS NULL, durations.minutes
        ) AS minutes_position,
        count(durations.minutes) OVER (PARTITION BY durations.key_1) AS minutes_count
    FROM durations
),
weighted_durations AS (
    SELECT
        ranked_durations.key_1,
        ranked_durations.minutes,
        10 - abs(
            9 * (ranked_durations.minutes_count - 1) - 10 * (ranked_durations.minutes_position - 1)
        ) AS minutes_weight
    FROM ranked_durations
)
SELECT
    weighted_durations.key_1 AS referrer,
    sum(
        CASE
            WHEN weighted_durations.minutes_weight > 0
                THEN CAST(weighted_durations.minutes AS FLOAT64)
                    * weighted_durations.minutes_weight
        END
    ) / 10 AS p90_session_duration_minutes
FROM weighted_durations
GROUP BY weighted_durations.key_1
ORDER BY weighted_durations.key_1 IS NULL, weighted_durations.key_1
