WITH events_of_sessions AS (
    SELECT
        events.session_id,
        count(*) AS number
    FROM events
    WHERE events.event_type IN ('search') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
observations AS (
    SELECT sum(coalesce(events_of_sessions.number, 0)) AS value
    FROM sessions
    LEFT OUTER JOIN events_of_sessions ON events_of_sessions.session_id = sessions.session_id
    GROUP BY sessions.user_id
)
SELECT avg(CAST(observations.value AS DOUBLE)) AS mean_events_per_user
FROM observations
