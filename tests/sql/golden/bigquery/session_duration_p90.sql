WITH durations AS (
    SELECT
        CAST(TIMESTAMP_DIFF(sessions.ended_at, sessions.started_at, MICROSECOND) AS FLOAT64)
            / 60000000 AS value
    FROM sessions
),
ranked_durations AS (
    SELECT
        durations.value,
        row_number() OVER (ORDER BY durations.value IS NULL, durations.value) AS value_position,
        count(durations.value) OVER () AS value_count
    FROM durations
),
weighted_durations AS (
    SELECT
        ranked_durations.value,
        10 - abs(
            9 * (ranked_durations.value_count - 1) - 10 * (ranked_durations.value_position - 1)
        ) AS value_weight
    FROM ranked_durations
)
SELECT
    sum(
        CASE
            WHEN weighted_durations.value_weight > 0
                THEN CAST(weighted_durations.value AS FLOAT64) * weighted_durations.value_weight
        END
    ) / 10 AS p90_session_duration_minutes
FROM weighted_durations
