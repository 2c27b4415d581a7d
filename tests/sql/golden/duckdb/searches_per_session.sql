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
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY observations.value) AS median_events_per_session
FROM observations
