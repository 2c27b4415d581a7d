WITH order_sessions AS (
    SELECT DISTINCT events.session_id
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
),
marked_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        CASE WHEN order_sessions.session_id IS NOT NULL THEN 1 ELSE 0 END AS has_order
    FROM sessions
    LEFT OUTER JOIN order_sessions ON order_sessions.session_id = sessions.session_id
),
numbered_sessions AS (
    SELECT
        marked_sessions.session_id,
        marked_sessions.user_id,
        marked_sessions.started_at,
        marked_sessions.ended_at,
        marked_sessions.has_order,
        coalesce(
            sum(marked_sessions.has_order) OVER (
                PARTITION BY marked_sessions.user_id
                ORDER BY marked_sessions.started_at, marked_sessions.session_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS orders_before
    FROM marked_sessions
),
before_orders AS (
    SELECT
        coalesce(
            sum(
                CASE
                    WHEN numbered_sessions.has_order = 0
                        THEN CAST(
                            (
                                CAST(to_unixtime(numbered_sessions.ended_at) AS DECIMAL(20, 6))
                                    - CAST(to_unixtime(numbered_sessions.started_at) AS DECIMAL(20, 6))
                            ) * 1000000 AS BIGINT
                        )
                END
            ),
            0
        ) AS microseconds
    FROM numbered_sessions
    GROUP BY numbered_sessions.user_id, numbered_sessions.orders_before
    HAVING max(numbered_sessions.has_order) = 1
),
durations AS (
    SELECT CAST(before_orders.microseconds AS DOUBLE) / 60000000 AS minutes
    FROM before_orders
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
        2 - abs((ranked_durations.minutes_count - 1) - 2 * (ranked_durations.minutes_position - 1))
            AS minutes_weight
    FROM ranked_durations
)
SELECT
    sum(
        CASE
            WHEN weighted_durations.minutes_weight > 0
                THEN CAST(weighted_durations.minutes AS DOUBLE)
                    * weighted_durations.minutes_weight
        END
    ) / 2 AS median_session_duration_minutes_before_order
FROM weighted_durations
