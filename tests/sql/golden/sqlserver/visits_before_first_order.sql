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
        sessions.ended_at,
        sessions.event_count,
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
        order_events.ordered_at,
        order_events.event_id
    FROM order_events
    JOIN numbered_sessions ON numbered_sessions.session_id = order_events.session_id
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        placed_orders.ordered_at,
        lag(placed_orders.number) OVER (
            PARTITION BY placed_orders.user_id
            ORDER BY
                placed_orders.number,
                placed_orders.ordered_at,
                CASE WHEN placed_orders.event_id IS NULL THEN 1 ELSE 0 END,
                placed_orders.event_id
        ) AS previous_number,
        row_number() OVER (
            PARTITION BY placed_orders.user_id
            ORDER BY
                placed_orders.number,
                placed_orders.ordered_at,
                CASE WHEN placed_orders.event_id IS NULL THEN 1 ELSE 0 END,
                placed_orders.event_id
        ) AS observation
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
observed AS (
    SELECT
        ordered.user_id,
        ordered.observation,
        ordered.number,
        ordered.previous_number,
        ordered.ordered_at,
        coalesce(ordered.previous_number + 1, 1) AS first_number,
        ordered.number AS last_number
    FROM ordered
    WHERE ordered.observation = 1
    UNION ALL
    SELECT
        last_sessions.user_id,
        0 AS observation,
        last_sessions.number,
        NULL AS previous_number,
        NULL AS ordered_at,
        1 AS first_number,
        last_sessions.number AS last_number
    FROM last_sessions
    LEFT OUTER JOIN buyers ON buyers.user_id = last_sessions.user_id
    WHERE buyers.user_id IS NULL
),
observations AS (
    SELECT count(leading_sessions.session_id) AS value
    FROM observed
    LEFT OUTER JOIN numbered_sessions AS leading_sessions
        ON leading_sessions.user_id = observed.user_id
        AND leading_sessions.number >= observed.first_number
        AND leading_sessions.number <= observed.last_number
        AND (leading_sessions.started_at < observed.ordered_at OR observed.ordered_at IS NULL)
    GROUP BY observed.user_id
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
    ) / 2 AS median_visits_before_order
FROM weighted_observations
