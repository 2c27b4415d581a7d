WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        subtractDays(
            toDate32(sessions.started_at, 'UTC'),
            toDayOfMonth(toDate32(sessions.started_at, 'UTC')) - 1
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
    quantileExactInclusive(0.5)(observations.value) AS median_events_per_session
FROM observations
GROUP BY observations.key_1
ORDER BY observations.key_1 NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
