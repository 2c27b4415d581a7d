WITH durations AS (
    SELECT (epoch_us(sessions.ended_at) - epoch_us(sessions.started_at)) / 6e7 AS minutes
    FROM sessions
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY durations.minutes) AS median_session_duration_minutes
FROM durations
