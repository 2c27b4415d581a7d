WITH durations AS (
    SELECT ((CAST(strftime('%s', substr(sessions.ended_at, 1, 19)) AS INTEGER) * 1000000 + CAST(substr(substr(sessions.ended_at, 21) || '000000', 1, 6) AS INTEGER)) - (CAST(strftime('%s', substr(sessions.started_at, 1, 19)) AS INTEGER) * 1000000 + CAST(substr(substr(sessions.started_at, 21) || '000000', 1, 6) AS INTEGER))) / 6e7 AS minutes
    FROM sessions
),
ranked AS (
    SELECT
        durations.minutes AS value,
        row_number() OVER (ORDER BY durations.minutes) AS position,
        count(*) OVER () AS values_in_all
    FROM durations
    WHERE durations.minutes IS NOT NULL
)
SELECT avg(CASE WHEN (ranked.position * 2 BETWEEN ranked.values_in_all AND ranked.values_in_all + 2) THEN ranked.value * 1e0 END) AS median_session_duration_minutes
FROM ranked
