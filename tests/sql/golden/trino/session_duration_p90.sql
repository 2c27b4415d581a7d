WITH durations AS (
    SELECT
        CAST(
            CAST(
                (
                    CAST(to_unixtime(sessions.ended_at) AS DECIMAL(20, 6))
                        - CAST(to_unixtime(sessions.started_at) AS DECIMAL(20, 6))
                ) * 1000000 AS BIGINT
            ) AS DOUBLE
        ) / 60000000 AS minutes
    FROM sessions
),
ranked_durations AS (
    SELECT
        durations.minutes,
        row_number() OVER (ORDER BY durations.minutes NULLS LAST) AS minutes_position,
        count(durations.minutes) OVER () AS minutes_count
    FROM durations
),
weighted_durations AS (
    SELECT
        ranked_durations.minutes,
        10 - abs(
            9 * (ranked_durations.minutes_count - 1) - 10 * (ranked_durations.minutes_position - 1)
        ) AS minutes_weight
    FROM ranked_durations
)
SELECT
    sum(
        CASE
            WHEN weighted_durations.minutes_weight > 0
                THEN CAST(weighted_durations.minutes AS DOUBLE)
                    * weighted_durations.minutes_weight
        END
    ) / 10 AS p90_session_duration_minutes
FROM weighted_durations
