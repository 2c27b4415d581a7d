WITH numbered_events AS (
    SELECT
        events.session_id,
        events.referrer,
        row_number() OVER (PARTITION BY events.session_id ORDER BY events.timestamp, events.event_id) AS event_number
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
        sessions.event_count,
        first_events.referrer AS key_1
    FROM sessions JOIN first_events ON first_events.session_id = sessions.session_id
),
durations AS (
    SELECT
        kept_sessions.key_1,
        ((CAST(strftime('%s', substr(kept_sessions.ended_at, 1, 19)) AS INTEGER) * 1000000 + CAST(substr(substr(kept_sessions.ended_at, 21) || '000000', 1, 6) AS INTEGER)) - (CAST(strftime('%s', substr(kept_sessions.started_at, 1, 19)) AS INTEGER) * 1000000 + CAST(substr(substr(kept_sessions.started_at, 21) || '000000', 1, 6) AS INTEGER))) / 6e7 AS minutes
    FROM kept_sessions
),
ranked AS (
    SELECT
        durations.key_1 AS referrer,
        durations.minutes AS value,
        row_number() OVER (PARTITION BY durations.key_1 ORDER BY CASE WHEN (durations.minutes IS NULL) THEN 1 ELSE 0 END, durations.minutes) AS position,
        count(durations.minutes) OVER (PARTITION BY durations.key_1) AS values_in_all
    FROM durations
)
SELECT
    ranked.referrer,
    (sum(CASE WHEN (abs((ranked.position - 1) * 10 - (ranked.values_in_all - 1) * 9) < 10) THEN (ranked.value * 1e0) * (10 - abs((ranked.position - 1) * 10 - (ranked.values_in_all - 1) * 9)) END) * 1e0) / nullif(10, 0) AS p90_session_duration_minutes
FROM ranked
GROUP BY ranked.referrer
ORDER BY CASE WHEN (ranked.referrer IS NULL) THEN 1 ELSE 0 END, ranked.referrer
