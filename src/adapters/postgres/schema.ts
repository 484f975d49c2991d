/** From each version to the next, beginning with that from 1 to 2; `tables` is the newest. A released one is never changed. */
export const steps: readonly string[] = [];

/** Stated in the database. */
export const schemaVersion = 1 + steps.length;

/**
 * The tables, in the schema `goshawk` of the database. What only the controller reads is one JSON text a row; what is asked
 * for by a column has that column. Samples and roll-ups are blocks, partitioned by time (`partitions.ts`).
 */
export const tables = `
  CREATE TABLE state (name text PRIMARY KEY, value bigint NOT NULL);
  -- leader: counts the controllers that had the database, one after the other.
  INSERT INTO state VALUES ('schema', ${schemaVersion}), ('event', 0), ('leader', 0);
  CREATE TABLE device (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, last_seen double precision,
    birth text, reported text, settings text, desired text, told_online boolean
  );
  CREATE TABLE series (
    id bigint PRIMARY KEY, name text NOT NULL, labels text NOT NULL, unit text NOT NULL, kind text NOT NULL,
    used_ms double precision
  );
  CREATE INDEX series_name ON series (name);
  CREATE TABLE catalogue (
    device integer NOT NULL, session bigint NOT NULL, aliases text NOT NULL, PRIMARY KEY (device, session)
  );
  -- Which batches of a session were counted, as ranges [[first, last], ...]; a device that loses nothing has one.
  CREATE TABLE received (
    device integer NOT NULL, session bigint NOT NULL, ranges text NOT NULL, repeated boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device, session)
  ) WITH (fillfactor = 50);
  CREATE TABLE batch_content (
    device integer NOT NULL, session bigint NOT NULL, sequence bigint NOT NULL, content bigint NOT NULL,
    PRIMARY KEY (device, session, sequence, content)
  );
  -- By when they came: late samples are at the end too.
  CREATE TABLE raw (
    arrived_ms bigint NOT NULL, device integer NOT NULL, start_ms bigint NOT NULL, end_ms bigint NOT NULL,
    data bytea STORAGE MAIN NOT NULL
  ) PARTITION BY RANGE (arrived_ms);
  CREATE INDEX raw_device ON raw (device, end_ms);
  -- Device 0 is the fleet. Each writer has its part of a span, merged when it is read; 0 is the leader.
  CREATE TABLE minute (
    start_ms bigint NOT NULL, device integer NOT NULL, writer smallint NOT NULL DEFAULT 0,
    data bytea STORAGE MAIN NOT NULL, PRIMARY KEY (start_ms, device, writer)
  ) PARTITION BY RANGE (start_ms);
  CREATE TABLE hour (
    start_ms bigint NOT NULL, device integer NOT NULL, writer smallint NOT NULL DEFAULT 0,
    data bytea STORAGE MAIN NOT NULL, PRIMARY KEY (start_ms, device, writer)
  ) PARTITION BY RANGE (start_ms);
  -- What ingest processes committed and the leader has not read yet. Empty after a crash of the server: devices send again
  -- what was not acknowledged.
  CREATE UNLOGGED TABLE ingested (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at_ms double precision NOT NULL, note text NOT NULL,
    blocks bytea NOT NULL
  );
  CREATE TABLE event (
    seq bigint PRIMARY KEY, device integer NOT NULL, id text NOT NULL, time_ms double precision NOT NULL,
    received_ms double precision NOT NULL, kind text NOT NULL, severity smallint NOT NULL, message text NOT NULL,
    camera text, data text, UNIQUE (device, id)
  );
  CREATE INDEX event_device ON event (device, seq);
  CREATE TABLE usage (tier text PRIMARY KEY, bytes bigint NOT NULL);
  INSERT INTO usage VALUES ('events', 0), ('drift', 0), ('alerts', 0);
  CREATE TABLE audit (
    seq bigint PRIMARY KEY, time_ms double precision NOT NULL, actor text NOT NULL, action text NOT NULL,
    target text NOT NULL, result text NOT NULL, detail text NOT NULL, hash text NOT NULL
  );
  CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
  CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    EXECUTE FUNCTION audit_is_append_only();
  CREATE TABLE drift_incident (
    id text PRIMARY KEY, device integer NOT NULL, camera text NOT NULL, started_ms double precision NOT NULL,
    ended_ms double precision, seq bigint NOT NULL, data text NOT NULL
  );
  CREATE INDEX drift_incident_started ON drift_incident (started_ms);
  CREATE INDEX drift_incident_device ON drift_incident (device, started_ms);
  CREATE TABLE drift_view (incident text PRIMARY KEY, view text NOT NULL);
  CREATE TABLE drift_status (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, device integer NOT NULL, camera text NOT NULL,
    time_ms double precision NOT NULL, state text NOT NULL, reason text, profile text
  );
  CREATE INDEX drift_status_device ON drift_status (device, seq);
  -- busy: it fires, or its channel was not told of the end yet.
  CREATE TABLE alert (
    id text PRIMARY KEY, rule text NOT NULL, device text, severity smallint NOT NULL, fired_ms double precision NOT NULL,
    firing boolean NOT NULL, busy boolean NOT NULL, data text NOT NULL
  );
  CREATE INDEX alert_fired ON alert (fired_ms);
  CREATE INDEX alert_busy ON alert (fired_ms) WHERE busy;
  -- Groups, tokens, claims, certificates, rules, labels, rollouts and their devices: one JSON text each.
  CREATE TABLE document (
    kind text NOT NULL, parent text NOT NULL DEFAULT '', id text NOT NULL, at double precision, data text NOT NULL,
    PRIMARY KEY (kind, parent, id)
  );
`;
