WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        CAST(
            trunc(
                CAST(
                    convert_timezone(
                        'UTC',
                        'UTC',
                        timestampadd(MICROSECOND, unix_micros(sessions.started_at), TIMESTAMP_NTZ '1970-01-01')
                    ) AS DATE
                ),
                'month'
            ) AS DATE
        ) AS key_1
    FROM sessions
),
observations AS (
    SELECT
        kept_sessions.key_1,
        kept_sessions.event_count AS value
    FROM kept_sessions
)
SELECT
    observations.key_1 AS month,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY observations.value) AS median_events_per_session
FROM observations
GROUP BY observations.key_1
ORDER BY observations.key_1 NULLS LAST
