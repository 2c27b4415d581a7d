WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        fromUnixTimestamp64Micro(
            toUnixTimestamp64Micro(sessions.started_at)
                - positiveModulo(toUnixTimestamp64Micro(sessions.started_at), 3600000000),
            'UTC'
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
ORDER BY counted.key_1 NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
