WITH order_events AS (
    SELECT
        events.user_id,
        events.session_id
    FROM events
    WHERE events.is_order = true AND events.session_id IS NOT NULL
),
numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS number
    FROM sessions
    WHERE sessions.user_id IN (SELECT order_events.user_id FROM order_events)
),
placed_orders AS (
    SELECT
        numbered_sessions.user_id,
        numbered_sessions.number
    FROM numbered_sessions
    WHERE numbered_sessions.session_id IN (SELECT order_events.session_id FROM order_events)
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        placed_orders.number - 1 AS visits_up_to,
        lag(placed_orders.number) OVER (
            PARTITION BY placed_orders.user_id
            ORDER BY placed_orders.number
        ) AS previous_number
    FROM placed_orders
),
observations AS (
    SELECT
        ordered.user_id,
        ordered.number,
        ordered.visits_up_to - coalesce(ordered.previous_number, 0) AS visits
    FROM ordered
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY observations.visits)
        AS median_visits_before_order
FROM observations
