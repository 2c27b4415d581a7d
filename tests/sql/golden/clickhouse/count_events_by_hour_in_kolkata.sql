WITH counted AS (
    SELECT
        fromUnixTimestamp64Micro(
            toUnixTimestamp64Micro(events.timestamp) - positiveModulo(
                toUnixTimestamp64Micro(events.timestamp) + 1000000 * (
                    CASE
                        WHEN events.timestamp < toDateTime64('1905-12-31 18:38:50.000000', 6, 'UTC')
                            THEN 1270
                        ELSE 1800
                    END
                ),
                3600000000
            ),
            'UTC'
        ) AS key_1,
        events.event_type AS key_2,
        1 AS value
    FROM events
    INNER JOIN sessions ON sessions.session_id = events.session_id
)
SELECT
    counted.key_1 AS hour,
    counted.key_2 AS event_type,
    CAST(coalesce(sum(counted.value), 0) AS BIGINT) AS events
FROM counted
GROUP BY counted.key_1, counted.key_2
ORDER BY counted.key_1 NULLS LAST, counted.key_2 NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
