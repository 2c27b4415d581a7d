WITH steps AS (
    SELECT
        events.session_id,
        events.timestamp,
        events.event_id,
        events.event_type AS step,
        lag(events.event_type) OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS previous_step
    FROM events
    WHERE events.session_id IS NOT NULL AND events.event_type IS NOT NULL
),
numbered_steps AS (
    SELECT
        steps.session_id,
        steps.step,
        row_number() OVER (
            PARTITION BY steps.session_id
            ORDER BY steps.timestamp, steps.event_id NULLS LAST
        ) AS position
    FROM steps
    WHERE steps.previous_step IS NULL OR steps.step != steps.previous_step
),
ways AS (
    SELECT
        max(CASE WHEN numbered_steps.position = 1 THEN numbered_steps.step END) AS step_1,
        max(CASE WHEN numbered_steps.position = 2 THEN numbered_steps.step END) AS step_2,
        max(CASE WHEN numbered_steps.position = 3 THEN numbered_steps.step END) AS step_3
    FROM sessions
    JOIN numbered_steps ON numbered_steps.session_id = sessions.session_id
    GROUP BY sessions.session_id
),
counted AS (
    SELECT
        ways.step_1,
        ways.step_2,
        ways.step_3,
        count(*) AS sessions
    FROM ways
    GROUP BY ways.step_1, ways.step_2, ways.step_3
),
ranked AS (
    SELECT
        counted.step_1,
        counted.step_2,
        counted.step_3,
        counted.sessions,
        CAST(counted.sessions AS DOUBLE PRECISION) / nullif(sum(counted.sessions) OVER (), 0)
            AS share,
        row_number() OVER (
            ORDER BY
                counted.sessions DESC,
                counted.step_1 NULLS LAST,
                counted.step_2 NULLS LAST,
                counted.step_3 NULLS LAST
        ) AS rank_of_way
    FROM counted
)
SELECT
    ranked.step_1,
    ranked.step_2,
    ranked.step_3,
    ranked.sessions,
    ranked.share
FROM ranked
WHERE ranked.rank_of_way <= 10
ORDER BY ranked.rank_of_way
