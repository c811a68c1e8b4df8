-- The day's table of readings. Only this function makes tables, so the consumer needs no right to.
CREATE FUNCTION fleet.make_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = fleet, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    name text := 'reading_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fleet.make_day'));
    IF to_regclass('fleet.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE fleet.%I (LIKE fleet.reading INCLUDING ALL)', name);
    EXECUTE format('WITH moved AS (DELETE FROM fleet.reading_other WHERE ts >= %L AND ts < %L RETURNING *)
                    INSERT INTO fleet.%I SELECT * FROM moved',
                   day::timestamptz, (day + 1)::timestamptz, name);
    EXECUTE format('ALTER TABLE fleet.reading ATTACH PARTITION fleet.%I FOR VALUES FROM (%L) TO (%L)',
                   name, day::timestamptz, (day + 1)::timestamptz);
END $$;

-- Drops what is older: whole days of readings, rows of all else. Returns how many days went. Seqs that
-- are dropped stay known as stored. For the owner, from cron or a timer.
CREATE FUNCTION fleet.retain(keep interval) RETURNS integer
LANGUAGE plpgsql SET search_path = fleet, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    oldest timestamptz := now() - keep;
    day record;
    dropped integer := 0;
BEGIN
    FOR day IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'fleet.reading'::regclass AND relname ~ '^reading_[0-9]{8}$'
          AND to_date(substr(relname, 9), 'YYYYMMDD') + 1 <= oldest
    LOOP
        EXECUTE format('DROP TABLE fleet.%I', day.relname);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM fleet.reading_other WHERE ts < oldest;
    DELETE FROM fleet.event WHERE ts < oldest;
    DELETE FROM fleet.summary WHERE to_ts < oldest;
    DELETE FROM fleet.refused WHERE at < oldest;
    DELETE FROM fleet.gap WHERE since < oldest
        AND last <= (SELECT contiguous FROM fleet.log WHERE id = gap.log);
    RETURN dropped;
END $$;

-- The content of a seq came although it was in a gap.
CREATE FUNCTION fleet.leave_gap(of_log integer, of_seq bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = fleet, pg_temp AS $$
    WITH old AS (
        DELETE FROM fleet.gap WHERE log = of_log AND first <= of_seq AND last >= of_seq RETURNING *
    )
    INSERT INTO fleet.gap (log, first, last, reason, since)
    SELECT log, part.first, part.last, reason, since
    FROM old, LATERAL (VALUES (old.first, of_seq - 1), (of_seq + 1, old.last)) AS part (first, last)
    WHERE part.first <= part.last
$$;

-- What is stored of a log after a seq, as ranges.
CREATE FUNCTION fleet.ranges(of_log integer, after bigint) RETURNS TABLE (first bigint, last bigint)
LANGUAGE sql STABLE SET search_path = fleet, pg_temp AS $$
    SELECT min(seq), max(seq) FROM (
        SELECT seq, seq - row_number() OVER (ORDER BY seq) AS island FROM (
            SELECT seq FROM fleet.reading WHERE log = of_log AND seq > after
            UNION ALL
            SELECT seq FROM fleet.event WHERE log = of_log AND seq > after
        ) AS stored
    ) AS numbered
    GROUP BY island
    UNION ALL
    SELECT first, last FROM fleet.gap WHERE log = of_log AND last > after
    ORDER BY 1
$$;
