WITH ordered_events AS (
    SELECT
        sessions.user_id AS whose,
        events.event_type AS event_type,
        events.timestamp AS timestamp,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS position
    FROM events
    INNER JOIN sessions ON sessions.session_id = events.session_id
),
step_1 AS (
    SELECT
        ordered_events.whose,
        ordered_events.timestamp AS began_at,
        ordered_events.position AS began,
        ordered_events.position
    FROM ordered_events
    WHERE ordered_events.event_type = 'sign_up'
),
step_2 AS (
    SELECT
        step_1.whose AS whose,
        step_1.began_at AS began_at,
        step_1.began AS began,
        min(ordered_events.position) AS position
    FROM step_1
    INNER JOIN ordered_events
        ON ordered_events.whose = step_1.whose
        AND ordered_events.position > step_1.position
        AND ordered_events.event_type = 'buy'
        AND dateDiff('microsecond', step_1.began_at, ordered_events.timestamp) <= 604800000000
    GROUP BY step_1.whose, step_1.began_at, step_1.began
),
reached_steps AS (
    SELECT
        step_1.whose,
        step_1.began,
        step_1.position,
        1 AS step
    FROM step_1
    UNION ALL
    SELECT
        step_2.whose,
        step_2.began,
        step_2.position,
        2 AS step
    FROM step_2
),
ways AS (
    SELECT
        reached_steps.whose,
        reached_steps.began,
        max(reached_steps.step) AS deepest
    FROM reached_steps
    GROUP BY reached_steps.whose, reached_steps.began
),
ranked_ways AS (
    SELECT
        ways.whose,
        ways.began,
        row_number() OVER (PARTITION BY ways.whose ORDER BY ways.deepest DESC, ways.began) AS place
    FROM ways
),
timed_steps AS (
    SELECT
        reached_steps.step AS step,
        ordered_events.timestamp AS timestamp,
        max(
            CASE WHEN reached_steps.step = 1 THEN ordered_events.timestamp END
        ) OVER (PARTITION BY reached_steps.whose, reached_steps.began) AS since_at
    FROM reached_steps
    INNER JOIN ranked_ways
        ON ranked_ways.whose = reached_steps.whose
        AND ranked_ways.began = reached_steps.began
        AND ranked_ways.place = 1
    INNER JOIN ordered_events
        ON ordered_events.whose = reached_steps.whose
        AND ordered_events.position = reached_steps.position
),
spans AS (
    SELECT
        timed_steps.step,
        CASE WHEN timed_steps.step = 2 THEN 'buy' END AS event_type,
        toFloat64(dateDiff('microsecond', timed_steps.since_at, timed_steps.timestamp))
            / 86400000000 AS value
    FROM timed_steps
    WHERE timed_steps.step > 1
)
SELECT
    spans.step,
    spans.event_type,
    count(spans.value) AS reached,
    avg(toFloat64(spans.value)) AS mean_days
FROM spans
GROUP BY spans.step, spans.event_type
ORDER BY spans.step NULLS LAST, spans.event_type NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
