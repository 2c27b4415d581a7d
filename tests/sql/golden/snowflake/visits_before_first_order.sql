WITH order_events AS (
    SELECT
        events.user_id,
        events.session_id,
        events.timestamp AS ordered_at,
        events.event_id
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
),
numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS number
    FROM sessions
),
placed_orders AS (
    SELECT
        numbered_sessions.user_id,
        numbered_sessions.number,
        numbered_sessions.started_at,
        min(order_events.ordered_at) AS ordered_at
    FROM order_events
    JOIN numbered_sessions ON numbered_sessions.session_id = order_events.session_id
    GROUP BY numbered_sessions.user_id, numbered_sessions.number, numbered_sessions.started_at
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        CASE
            WHEN placed_orders.started_at < placed_orders.ordered_at THEN placed_orders.number
            ELSE placed_orders.number - 1
        END AS visits_up_to,
        row_number() OVER (PARTITION BY placed_orders.user_id ORDER BY placed_orders.number)
            AS observation
    FROM placed_orders
),
last_sessions AS (
    SELECT
        numbered_sessions.user_id,
        max(numbered_sessions.number) AS number
    FROM numbered_sessions
    GROUP BY numbered_sessions.user_id
),
buyers AS (
    SELECT DISTINCT placed_orders.user_id
    FROM placed_orders
),
observations AS (
    SELECT
        ordered.user_id,
        ordered.number,
        ordered.visits_up_to AS visits
    FROM ordered
    WHERE ordered.observation = 1
    UNION ALL
    SELECT
        last_sessions.user_id,
        last_sessions.number,
        last_sessions.number AS visits
    FROM last_sessions
    LEFT OUTER JOIN buyers ON buyers.user_id = last_sessions.user_id
    WHERE buyers.user_id IS NULL
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(observations.visits AS FLOAT))
        AS median_visits_before_order
FROM observations
