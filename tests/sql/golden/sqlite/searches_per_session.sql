WITH events_of_sessions AS (
    SELECT
        events.session_id,
        count(*) AS number
    FROM events
    WHERE events.event_type IN ('search', 'filter') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
observations AS (
    SELECT coalesce(events_of_sessions.number, 0) AS value
    FROM sessions
    LEFT OUTER JOIN events_of_sessions ON events_of_sessions.session_id = sessions.session_id
),
ranked_observations AS (
    SELECT
        observations.value,
        row_number() OVER (ORDER BY observations.value NULLS LAST) AS value_position,
        count(observations.value) OVER () AS value_count
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
                THEN CAST(weighted_observations.value AS REAL)
                    * weighted_observations.value_weight
        END
    ) / 2 AS median_events_per_session
FROM weighted_observations
