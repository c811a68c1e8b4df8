-- Two roles without a login: give them to the consumer's and to people's own.
--   CREATE USER "fleet-store" IN ROLE fleet_writer;   CREATE USER anna IN ROLE fleet_reader;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_writer') THEN
        CREATE ROLE fleet_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_reader') THEN
        CREATE ROLE fleet_reader NOLOGIN;
    END IF;
END $$;

REVOKE ALL ON SCHEMA fleet FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA fleet FROM PUBLIC;

GRANT USAGE ON SCHEMA fleet TO fleet_reader, fleet_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA fleet TO fleet_reader, fleet_writer;
GRANT EXECUTE ON FUNCTION fleet.minutes, fleet.ranges TO fleet_reader, fleet_writer;

-- It may add, and move what says how far it is; it cannot change or delete what was stored.
GRANT INSERT ON fleet.gateway, fleet.log, fleet.series, fleet.reading, fleet.event, fleet.gap, fleet.summary,
    fleet.refused, fleet.consumer TO fleet_writer;
GRANT UPDATE (log) ON fleet.gateway TO fleet_writer;
GRANT UPDATE (name, began_after, contiguous, started) ON fleet.log TO fleet_writer;
GRANT UPDATE (batch) ON fleet.consumer TO fleet_writer;
GRANT EXECUTE ON FUNCTION fleet.make_day, fleet.leave_gap TO fleet_writer;
