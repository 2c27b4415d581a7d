WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        CAST(date_trunc('day', sessions.started_at) AS DATE) AS key_1
    FROM sessions
),
events_of_sessions AS (
    SELECT
        events.session_id,
        count(*) AS number
    FROM events
    WHERE events.event_type IN ('search') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
counted AS (
    SELECT
        kept_sessions.key_1,
        CASE WHEN coalesce(events_of_sessions.number, 0) > 0 THEN kept_sessions.user_id END AS value
    FROM kept_sessions
    LEFT OUTER JOIN events_of_sessions ON events_of_sessions.session_id = kept_sessions.session_id
)
SELECT
    counted.key_1 AS day,
    count(DISTINCT counted.value) AS users
FROM counted
GROUP BY counted.key_1
ORDER BY counted.key_1 NULLS LAST
