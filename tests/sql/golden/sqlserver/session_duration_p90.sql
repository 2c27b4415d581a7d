WITH durations AS (
    SELECT
        CAST(
            DATEDIFF_BIG(MICROSECOND, sessions.started_at, sessions.ended_at) AS DOUBLE PRECISION
        ) / 60000000 AS minutes
    FROM sessions
),
ranked_durations AS (
    SELECT
        durations.minutes,
        row_number() OVER (
            ORDER BY CASE WHEN durations.minutes IS NULL THEN 1 ELSE 0 END, durations.minutes
        ) AS minutes_position,
        count_big(durations.minutes) OVER () AS minutes_count
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
                THEN CAST(weighted_durations.minutes AS DOUBLE PRECISION)
                    * weighted_durations.minutes_weight
        END
    ) / 10 AS p90_session_duration_minutes
FROM weighted_durations
