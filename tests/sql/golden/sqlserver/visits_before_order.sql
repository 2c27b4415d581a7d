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
    SELECT coalesce(sum(CASE WHEN numbered_sessions.has_order = 0 THEN 1 END), 0) AS visits
    FROM numbered_sessions
    GROUP BY numbered_sessions.user_id, numbered_sessions.orders_before
    HAVING max(numbered_sessions.has_order) = 1
),
ranked_before_orders AS (
    SELECT
        before_orders.visits,
        row_number() OVER (
            ORDER BY CASE WHEN before_orders.visits IS NULL THEN 1 ELSE 0 END, before_orders.visits
        ) AS visits_position,
        count_big(before_orders.visits) OVER () AS visits_count
    FROM before_orders
),
weighted_before_orders AS (
    SELECT
        ranked_before_orders.visits,
        2 - abs(
            (ranked_before_orders.visits_count - 1) - 2 * (ranked_before_orders.visits_position - 1)
        ) AS visits_weight
    FROM ranked_before_orders
)
SELECT
    sum(
        CASE
            WHEN weighted_before_orders.visits_weight > 0
                THEN CAST(weighted_before_orders.visits AS DOUBLE PRECISION)
                    * weighted_before_orders.visits_weight
        END
    ) / 2 AS median_visits_before_order
FROM weighted_before_orders
