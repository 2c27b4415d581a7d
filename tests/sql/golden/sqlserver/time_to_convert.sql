WITH numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        sessions.start_reason,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS number
    FROM sessions
),
conversions AS (
    SELECT
        events.session_id,
        min(events.timestamp) AS converted_at
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
first_conversions AS (
    SELECT
        numbered_sessions.user_id,
        min(conversions.converted_at) AS converted_at
    FROM numbered_sessions
    JOIN conversions ON conversions.session_id = numbered_sessions.session_id
    GROUP BY numbered_sessions.user_id
),
observations AS (
    SELECT
        CAST(
            DATEDIFF_BIG(
                MICROSECOND,
                numbered_sessions.started_at,
                first_conversions.converted_at
            ) AS DOUBLE PRECISION
        ) / 86400000000 AS value
    FROM numbered_sessions
    JOIN first_conversions ON first_conversions.user_id = numbered_sessions.user_id
    WHERE numbered_sessions.number = 1
),
ranked_observations AS (
    SELECT
        observations.value,
        row_number() OVER (
            ORDER BY CASE WHEN observations.value IS NULL THEN 1 ELSE 0 END, observations.value
        ) AS value_position,
        count_big(observations.value) OVER () AS value_count
    FROM observations
),
weighted_observations AS (
    SELECT
        ranked_observations.value,
        2 - abs(
            (ranked_observations.value_count - 1) - 2 * (ranked_observations.value_position - 1)
        ) AS value_weight
    FROM ranked_observations
)
SELECT
    sum(
        CASE
            WHEN weighted_observations.value_weight > 0
                THEN CAST(weighted_observations.value AS DOUBLE PRECISION)
                    * weighted_observations.value_weight
        END
    ) / 2 AS median_days_to_convert
FROM weighted_observations
