WITH sizes AS (
    SELECT
        sessions.event_count,
        CAST(TIMESTAMP_DIFF(sessions.ended_at, sessions.started_at, MICROSECOND) AS FLOAT64)
            / 60000000 AS minutes
    FROM sessions
),
ranked_sizes AS (
    SELECT
        sizes.event_count,
        sizes.minutes,
        row_number() OVER (
            PARTITION BY sizes.event_count
            ORDER BY sizes.minutes IS NULL, sizes.minutes
        ) AS minutes_position,
        count(sizes.minutes) OVER (PARTITION BY sizes.event_count) AS minutes_count
    FROM sizes
),
weighted_sizes AS (
    SELECT
        ranked_sizes.event_count,
        ranked_sizes.minutes,
        2 - abs((ranked_sizes.minutes_count - 1) - 2 * (ranked_sizes.minutes_position - 1))
            AS minutes_weight_1,
        10 - abs(9 * (ranked_sizes.minutes_count - 1) - 10 * (ranked_sizes.minutes_position - 1))
            AS minutes_weight_2
    FROM ranked_sizes
)
SELECT
    weighted_sizes.event_count,
    count(weighted_sizes.minutes) AS sessions,
    sum(
        CASE
            WHEN weighted_sizes.minutes_weight_1 > 0
                THEN CAST(weighted_sizes.minutes AS FLOAT64) * weighted_sizes.minutes_weight_1
        END
    ) / 2 AS median_minutes,
    sum(
        CASE
            WHEN weighted_sizes.minutes_weight_2 > 0
                THEN CAST(weighted_sizes.minutes AS FLOAT64) * weighted_sizes.minutes_weight_2
        END
    ) / 10 AS p90_minutes,
    avg(CAST(weighted_sizes.minutes AS FLOAT64)) AS mean_minutes
FROM weighted_sizes
GROUP BY weighted_sizes.event_count
ORDER BY weighted_sizes.event_count IS NULL, weighted_sizes.event_count
