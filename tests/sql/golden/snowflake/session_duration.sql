WITH durations AS (
    SELECT
        CAST(TIMESTAMPDIFF(MICROSECOND, sessions.started_at, sessions.ended_at) AS FLOAT) / 60000000
            AS minutes
    FROM sessions
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(durations.minutes AS FLOAT))
        AS median_session_duration_minutes
FROM durations
