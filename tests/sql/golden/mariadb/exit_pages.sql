WITH pages AS (
    SELECT
        events.session_id,
        events.page_url AS page,
        row_number() OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp DESC, events.event_id DESC
        ) AS `position`
    FROM events
    WHERE events.session_id IS NOT NULL AND events.page_url IS NOT NULL
),
ends AS (
    SELECT
        pages.session_id,
        pages.page
    FROM pages
    WHERE pages.`position` = 1
),
counted AS (
    SELECT
        ends.page,
        count(*) AS sessions
    FROM sessions
    LEFT OUTER JOIN ends ON ends.session_id = sessions.session_id
    GROUP BY ends.page
)
SELECT
    counted.page,
    counted.sessions,
    CAST(counted.sessions AS DOUBLE) / nullif(sum(counted.sessions) OVER (), 0) AS share
FROM counted
ORDER BY counted.sessions DESC, counted.page IS NULL, counted.page
