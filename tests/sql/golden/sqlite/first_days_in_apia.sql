WITH first_days AS (
    SELECT
        sessions.session_id,
        date(
            substr(sessions.started_at, 1, 19),
            CASE
                WHEN sessions.started_at < '2016-09-24 14:00:00'
                    THEN CASE
                        WHEN sessions.started_at < '1911-01-01 11:26:56' THEN -41216
                        WHEN sessions.started_at < '1950-01-01 11:30:00' THEN -41400
                        WHEN sessions.started_at < '2010-09-26 11:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-04-02 14:00:00' THEN -36000
                        WHEN sessions.started_at < '2011-09-24 14:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-12-30 10:00:00' THEN -36000
                        WHEN sessions.started_at < '2012-03-31 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2012-09-29 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2013-04-06 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2013-09-28 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2014-04-05 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2014-09-27 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2015-04-04 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2015-09-26 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2016-04-02 14:00:00' THEN 50400
                        ELSE 46800
                    END
                ELSE CASE
                    WHEN sessions.started_at < '2017-04-01 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2017-09-23 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2018-03-31 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2018-09-29 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2019-04-06 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2019-09-28 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2020-04-04 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2020-09-26 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2021-04-03 14:00:00' THEN 50400
                    ELSE 46800
                END
            END || ' seconds'
        ) AS day,
        date(
            substr(sessions.started_at, 1, 19),
            CASE
                WHEN sessions.started_at < '2016-09-24 14:00:00'
                    THEN CASE
                        WHEN sessions.started_at < '1911-01-01 11:26:56' THEN -41216
                        WHEN sessions.started_at < '1950-01-01 11:30:00' THEN -41400
                        WHEN sessions.started_at < '2010-09-26 11:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-04-02 14:00:00' THEN -36000
                        WHEN sessions.started_at < '2011-09-24 14:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-12-30 10:00:00' THEN -36000
                        WHEN sessions.started_at < '2012-03-31 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2012-09-29 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2013-04-06 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2013-09-28 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2014-04-05 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2014-09-27 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2015-04-04 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2015-09-26 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2016-04-02 14:00:00' THEN 50400
                        ELSE 46800
                    END
                ELSE CASE
                    WHEN sessions.started_at < '2017-04-01 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2017-09-23 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2018-03-31 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2018-09-29 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2019-04-06 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2019-09-28 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2020-04-04 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2020-09-26 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2021-04-03 14:00:00' THEN 50400
                    ELSE 46800
                END
            END || ' seconds',
            '-6 days',
            'weekday 1'
        ) AS week,
        date(
            substr(sessions.started_at, 1, 19),
            CASE
                WHEN sessions.started_at < '2016-09-24 14:00:00'
                    THEN CASE
                        WHEN sessions.started_at < '1911-01-01 11:26:56' THEN -41216
                        WHEN sessions.started_at < '1950-01-01 11:30:00' THEN -41400
                        WHEN sessions.started_at < '2010-09-26 11:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-04-02 14:00:00' THEN -36000
                        WHEN sessions.started_at < '2011-09-24 14:00:00' THEN -39600
                        WHEN sessions.started_at < '2011-12-30 10:00:00' THEN -36000
                        WHEN sessions.started_at < '2012-03-31 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2012-09-29 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2013-04-06 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2013-09-28 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2014-04-05 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2014-09-27 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2015-04-04 14:00:00' THEN 50400
                        WHEN sessions.started_at < '2015-09-26 14:00:00' THEN 46800
                        WHEN sessions.started_at < '2016-04-02 14:00:00' THEN 50400
                        ELSE 46800
                    END
                ELSE CASE
                    WHEN sessions.started_at < '2017-04-01 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2017-09-23 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2018-03-31 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2018-09-29 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2019-04-06 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2019-09-28 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2020-04-04 14:00:00' THEN 50400
                    WHEN sessions.started_at < '2020-09-26 14:00:00' THEN 46800
                    WHEN sessions.started_at < '2021-04-03 14:00:00' THEN 50400
                    ELSE 46800
                END
            END || ' seconds',
            'start of month'
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    CAST(julianday(max(first_days.day) OVER ()) - julianday(first_days.day) AS INTEGER)
        AS days_before_last,
    (CAST(julianday(max(first_days.week) OVER ()) - julianday(first_days.week) AS INTEGER) / 7)
        AS weeks_before_last,
    (
        (
            CAST(substr(max(first_days.month) OVER (), 1, 4) AS INTEGER) * 12
                + CAST(substr(max(first_days.month) OVER (), 6, 2) AS INTEGER)
        )
            - (
                CAST(substr(first_days.month, 1, 4) AS INTEGER) * 12
                    + CAST(substr(first_days.month, 6, 2) AS INTEGER)
            )
    ) AS months_before_last
FROM first_days
