WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        DATE_TRUNC('hour', sessions.started_at) AS key_1
    FROM sessions
),
counted AS (
    SELECT
        kept_sessions.key_1,
        kept_sessions.session_id AS value
    FROM kept_sessions
)
SELECT
    counted.key_1 AS hour,
    count(counted.value) AS sessions
FROM counted
GROUP BY counted.key_1
ORDER BY counted.key_1 NULLS LAST
