WITH durations AS (
    SELECT
        CAST(TIMESTAMP_DIFF(sessions.ended_at, sessions.started_at, MICROSECOND) AS FLOAT64)
            / 60000000 AS minutes
    FROM sessions
),
ranked_durations AS (
    SELECT
        durations.minutes,
        row_number() OVER (ORDER BY durations.minutes IS NULL, durations.minutes)
            AS minutes_position,
        count(durations.minutes) OVER () AS minutes_count
    FROM durations
),
weighted_durations AS (
    SELECT
        ranked_durations.minutes,
        2 - abs((ranked_durations.minutes_count - 1) - 2 * (ranked_durations.minutes_position - 1))
            AS minutes_weight
    FROM ranked_durations
)
SELECT
    sum(
        CASE
            WHEN weighted_durations.minutes_weight > 0
                THEN CAST(weighted_durations.minutes AS FLOAT64)
                    * weighted_durations.minutes_weight
        END
    ) / 2 AS median_session_duration_minutes
FROM weighted_durations
