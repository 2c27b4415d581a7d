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
        CAST(
            row_number() OVER (
                PARTITION BY sessions.user_id
                ORDER BY sessions.started_at, sessions.session_id
            ) AS SIGNED
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
    INNER JOIN numbered_sessions ON numbered_sessions.session_id = order_events.session_id
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
