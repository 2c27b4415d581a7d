WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        DATEADD(
            HOUR,
            DATEDIFF(HOUR, CAST('1900-01-01' AS DATETIME2(6)), sessions.started_at),
            CAST('1900-01-01' AS DATETIME2(6))
        ) AS key_1
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
ORDER BY CASE WHEN counted.key_1 IS NULL THEN 1 ELSE 0 END, counted.key_1
