WITH durations AS (
    SELECT TIMESTAMPDIFF(MICROSECOND, sessions.started_at, sessions.ended_at) / 6e7 AS minutes
    FROM sessions
),
ranked AS (
    SELECT
        durations.minutes AS value,
        row_number() OVER (ORDER BY CASE WHEN (durations.minutes IS NULL) THEN 1 ELSE 0 END, durations.minutes) AS `position`,
        count(durations.minutes) OVER () AS values_in_all
    FROM durations
)
SELECT (sum(CASE WHEN (abs((ranked.`position` - 1) * 2 - (ranked.values_in_all - 1) * 1) < 2) THEN (ranked.value * 1e0) * (2 - abs((ranked.`position` - 1) * 2 - (ranked.values_in_all - 1) * 1)) END) * 1e0) / nullif(2, 0) AS median_session_duration_minutes
FROM ranked
