WITH durations AS (
    SELECT
        CAST((unix_micros(sessions.ended_at) - unix_micros(sessions.started_at)) AS DOUBLE)
            / 60000000 AS minutes
    FROM sessions
)
SELECT
    percentile_cont(0.9) WITHIN GROUP (ORDER BY durations.minutes)
        AS p90_session_duration_minutes
FROM durations
