WITH durations AS (
    SELECT
        CAST((epoch_us(sessions.ended_at) - epoch_us(sessions.started_at)) AS DOUBLE) / 60000000
            AS minutes
    FROM sessions
)
SELECT
    percentile_cont(0.9) WITHIN GROUP (ORDER BY durations.minutes)
        AS p90_session_duration_minutes
FROM durations
