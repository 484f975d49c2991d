import { RefusedError } from '../../base/index.ts';
import { type Database, inTransaction, openDatabase } from '../../platform/index.ts';

/**
 * `PRAGMA user_version` of a database with these tables. A change of a table after 0.1.0 is version 2, with a step from 1
 * to 2; a test holds the tables of each version.
 */
export const schemaVersion = 1;

/** Keys of roll-ups are those of `rollupKey`. */
const schema = `
  CREATE TABLE device (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, last_seen REAL, birth TEXT, reported TEXT,
    settings TEXT, desired TEXT,
    -- Whether it was told last that the device came (1) or went (0).
    told_online INTEGER
  );
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
    -- When a catalogue named it last; NULL while one does.
    used_ms REAL
  );
  CREATE INDEX series_name ON series (name);
  CREATE TABLE catalogue (
    device INTEGER NOT NULL, session INTEGER NOT NULL, aliases TEXT NOT NULL, PRIMARY KEY (device, session)
  ) WITHOUT ROWID;
  -- Which batches were counted, as ranges; outlives the batches, so that a very late repeat is still one.
  CREATE TABLE received (
    device INTEGER NOT NULL, session INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (device, session, first)
  ) WITHOUT ROWID;
  CREATE TABLE raw (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    data BLOB NOT NULL
  );
  CREATE INDEX raw_device ON raw (device, end_ms);
  CREATE INDEX raw_device_id ON raw (device, id);
  CREATE TABLE minute (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE hour (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY, device INTEGER NOT NULL, id TEXT NOT NULL, time_ms REAL NOT NULL,
    received_ms REAL NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL, camera TEXT,
    data TEXT, UNIQUE (device, id)
  );
  CREATE INDEX event_device ON event (device, seq);
  -- Bytes per tier, kept up to date in the transactions that change them: counting them would read everything.
  CREATE TABLE usage (tier TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO usage VALUES ('raw', 0), ('minute', 0), ('hour', 0), ('events', 0), ('drift', 0), ('alerts', 0);
  CREATE TABLE fleet_group (name TEXT PRIMARY KEY, settings TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE member (
    fleet_group TEXT NOT NULL, device TEXT NOT NULL, PRIMARY KEY (fleet_group, device)
  ) WITHOUT ROWID;
  CREATE TABLE token (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, created_ms REAL NOT NULL,
    created_by TEXT NOT NULL, last_used_ms REAL, scope TEXT
  ) WITHOUT ROWID;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, time_ms REAL NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
    result TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL
  );
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TABLE drift_incident (
    id TEXT PRIMARY KEY, device INTEGER NOT NULL, camera TEXT NOT NULL, started_ms REAL NOT NULL, ended_ms REAL,
    seq INTEGER NOT NULL, data TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Apart, since it comes once and may come first.
  CREATE TABLE drift_view (incident TEXT PRIMARY KEY, view TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX drift_incident_started ON drift_incident (started_ms);
  CREATE INDEX drift_incident_device ON drift_incident (device, started_ms);
  CREATE INDEX drift_incident_open ON drift_incident (started_ms) WHERE ended_ms IS NULL;
  CREATE TABLE drift_status (
    seq INTEGER PRIMARY KEY, device INTEGER NOT NULL, camera TEXT NOT NULL, time_ms REAL NOT NULL, state TEXT NOT NULL,
    reason TEXT, profile TEXT
  );
  CREATE INDEX drift_status_device ON drift_status (device, seq);
  CREATE TABLE alert_rule (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  -- busy: it fires, or its webhook was not told of the end yet.
  CREATE TABLE alert (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, device TEXT, severity INTEGER NOT NULL, fired_ms REAL NOT NULL,
    firing INTEGER NOT NULL, busy INTEGER NOT NULL, data TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX alert_fired ON alert (fired_ms);
  CREATE INDEX alert_busy ON alert (fired_ms) WHERE busy = 1;
  -- Hashes of the newest batches of a session, to tell a repeat from another life of the device with its number.
  CREATE TABLE batch_content (
    device INTEGER NOT NULL, session INTEGER NOT NULL, sequence INTEGER NOT NULL, content INTEGER NOT NULL,
    PRIMARY KEY (device, session, sequence, content)
  ) WITHOUT ROWID;
  CREATE TABLE repeated_session (device INTEGER NOT NULL, session INTEGER NOT NULL, PRIMARY KEY (device, session))
    WITHOUT ROWID;
  -- Bytes of each device in a tier, so that too much of it goes at the cost of the device that has most.
  CREATE TABLE device_usage (
    tier TEXT NOT NULL, device INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (tier, device)
  ) WITHOUT ROWID;
  CREATE INDEX device_usage_bytes ON device_usage (tier, bytes);
  CREATE TABLE claim (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE certificate (fingerprint TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  -- By name and not by number: devices to come have labels.
  CREATE TABLE device_labels (device TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE frame_reviews (device TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE rollout (id TEXT PRIMARY KEY, created_ms REAL NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
  -- Apart: devices change one by one, and there may be very many.
  CREATE TABLE rollout_device (
    rollout TEXT NOT NULL, device TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (rollout, device)
  ) WITHOUT ROWID;
  CREATE TABLE rollout_freeze (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL);
  CREATE TABLE approval_rules (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL);
  CREATE TABLE approvals (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL);
  -- Of rollouts that are no longer kept: a file that still names one does not make it a second time.
  CREATE TABLE rollout_gone (name TEXT PRIMARY KEY, gone_ms REAL NOT NULL) WITHOUT ROWID;
`;

/** Makes the tables of an empty database. RefusedError `database-schema` for a database with another schema. */
export function prepareSchema(db: Database, file: string): void {
  if (versionOf(db) === 0 && tablesOf(db).size === 0)
    inTransaction(db, () => {
      db.exec(schema);
      db.exec(`PRAGMA user_version = ${schemaVersion}`);
    });
  else refuseOtherSchema(db, file);
}

/** RefusedError `database-schema` unless the database states this schema and has its tables. */
export function refuseOtherSchema(db: Database, file: string): void {
  const version = versionOf(db);
  if (version !== schemaVersion)
    throw new RefusedError(
      'database-schema',
      `The database ${file} has schema ${version}, and this version of Goshawk reads schema ${schemaVersion}.`,
      'Run the version of Goshawk that wrote it, or set dataDir to another folder.',
    );
  const found = tablesOf(db);
  const different = [...expectedTables()].filter(([name, sql]) => found.get(name) !== sql);
  if (different.length > 0)
    throw new RefusedError(
      'database-schema',
      `The database ${file} states schema ${version}, but was written by a build of Goshawk before 0.1.0: ${different.map(([name]) => name).join(', ')} ${different.length === 1 ? 'is' : 'are'} missing or different.`,
      'Run the build that wrote it, or set dataDir to another folder; devices register again.',
    );
}

function versionOf(db: Database): number {
  return Number(Object.values(db.prepare('PRAGMA user_version').get() as object)[0]);
}

type Tables = ReadonlyMap<string, string>;

/** Tables, indexes and triggers with the text that made them. */
function tablesOf(db: Database): Tables {
  const rows = db.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL').all() as {
    readonly name: string;
    readonly sql: string;
  }[];
  return new Map(rows.flatMap(({ name, sql }) => (name.startsWith('sqlite_') ? [] : [[name, sql]])));
}

function expectedTables(): Tables {
  const empty = openDatabase(':memory:');
  try {
    empty.exec(schema);
    return tablesOf(empty);
  } finally {
    empty.close();
  }
}
