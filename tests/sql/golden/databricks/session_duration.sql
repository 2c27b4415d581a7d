WITH durations AS (
    SELECT
        CAST((unix_micros(sessions.ended_at) - unix_micros(sessions.started_at)) AS DOUBLE)
            / 60000000 AS value
    FROM sessions
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY durations.value)
        AS median_session_duration_minutes
FROM durations
