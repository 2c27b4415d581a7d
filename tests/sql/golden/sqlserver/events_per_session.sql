WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        DATEADD(
            MONTH,
            DATEDIFF(MONTH, CAST('1900-01-01' AS DATE), sessions.started_at),
            CAST('1900-01-01' AS DATE)
        ) AS key_1
    FROM sessions
),
observations AS (
    SELECT
        kept_sessions.key_1,
        kept_sessions.event_count AS value
    FROM kept_sessions
),
ranked_observations AS (
    SELECT
        observations.key_1,
        observations.value,
        row_number() OVER (
            PARTITION BY observations.key_1
            ORDER BY CASE WHEN observations.value IS NULL THEN 1 ELSE 0 END, observations.value
        ) AS value_position,
        count_big(observations.value) OVER (PARTITION BY observations.key_1) AS value_count
    FROM observations
),
weighted_observations AS (
    SELECT
        ranked_observations.key_1,
        ranked_observations.value,
        2 - abs(
            (ranked_observations.value_count - 1) - 2 * (ranked_observations.value_position - 1)
        ) AS value_weight
    FROM ranked_observations
)
SELECT
    weighted_observations.key_1 AS month,
    sum(
        CASE
            WHEN weighted_observations.value_weight > 0
                THEN CAST(weighted_observations.value AS DOUBLE PRECISION)
                    * weighted_observations.value_weight
        END
    ) / 2 AS median_events_per_session
FROM weighted_observations
GROUP BY weighted_observations.key_1
ORDER BY
    CASE WHEN weighted_observations.key_1 IS NULL THEN 1 ELSE 0 END,
    weighted_observations.key_1
