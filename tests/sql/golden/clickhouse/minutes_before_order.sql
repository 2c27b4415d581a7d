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
    WHERE sessions.user_id IN (SELECT order_events.user_id FROM order_events)
),
placed_orders AS (
    SELECT
        numbered_sessions.user_id AS user_id,
        numbered_sessions.number AS number,
        min(order_events.ordered_at) AS ordered_at
    FROM order_events
    INNER JOIN numbered_sessions ON numbered_sessions.session_id = order_events.session_id
    GROUP BY numbered_sessions.user_id, numbered_sessions.number
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        placed_orders.ordered_at,
        lag(toNullable(placed_orders.number)) OVER (
            PARTITION BY placed_orders.user_id
            ORDER BY placed_orders.number
        ) AS previous_number,
        row_number() OVER (PARTITION BY placed_orders.user_id ORDER BY placed_orders.number)
            AS observation
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
        ordered.number - 1 AS last_number
    FROM ordered
),
observations AS (
    SELECT
        toFloat64(
            coalesce(
                sum(dateDiff('microsecond', leading_sessions.started_at, leading_sessions.ended_at)),
                0
            )
        ) / 60000000 AS value
    FROM observed
    LEFT OUTER JOIN numbered_sessions AS leading_sessions
        ON leading_sessions.user_id = observed.user_id
        AND leading_sessions.number >= observed.first_number
        AND leading_sessions.number <= observed.last_number
    GROUP BY observed.user_id, observed.observation
)
SELECT
    quantileExactInclusive(0.5)(observations.value)
        AS median_session_duration_minutes_before_order
FROM observations
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
