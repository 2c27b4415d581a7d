WITH events_of_sessions AS (
    SELECT
        events.session_id,
        sum(CASE WHEN events.event_type IN ('placed_order') THEN 1 ELSE 0 END) AS conversions,
        sum(
            CASE
                WHEN events.event_type IN ('page_view', 'screen_view', '$pageview') THEN 1
                ELSE 0
            END
        ) AS views
    FROM events
    WHERE events.session_id IS NOT NULL
    GROUP BY events.session_id
),
observations AS (
    SELECT
        CASE
            WHEN TIMESTAMPDIFF(MICROSECOND, sessions.started_at, sessions.ended_at) > 10000000
                OR events_of_sessions.conversions > 0
                OR events_of_sessions.views > 1
                THEN 1
            ELSE 0
        END AS value
    FROM sessions
    INNER JOIN events_of_sessions ON events_of_sessions.session_id = sessions.session_id
)
SELECT avg(CAST(observations.value AS DOUBLE)) AS engagement_rate
FROM observations
