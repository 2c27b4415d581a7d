WITH order_events AS (
    SELECT
        events.user_id,
        events.session_id
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
),
numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        CAST(
            row_number() OVER (
                PARTITION BY sessions.user_id
                ORDER BY sessions.started_at, sessions.session_id
            ) AS SIGNED
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
),
ranked_observations AS (
    SELECT
        observations.user_id,
        observations.number,
        observations.visits,
        row_number() OVER (ORDER BY observations.visits IS NULL, observations.visits)
            AS visits_position,
        count(observations.visits) OVER () AS visits_count
    FROM observations
),
weighted_observations AS (
    SELECT
        ranked_observations.user_id,
        ranked_observations.number,
        ranked_observations.visits,
        2 - abs(
            (ranked_observations.visits_count - 1)
                - 2 * (CAST(ranked_observations.visits_position AS SIGNED) - 1)
        ) AS visits_weight
    FROM ranked_observations
)
SELECT
    sum(
        CASE
            WHEN weighted_observations.visits_weight > 0
                THEN CAST(weighted_observations.visits AS DOUBLE)
                    * weighted_observations.visits_weight
        END
    ) / 2 AS median_visits_before_order
FROM weighted_observations
