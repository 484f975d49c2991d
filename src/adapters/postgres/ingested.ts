import {
  type Entry,
  eventOf,
  type Ingested,
  type IngestedBatch,
  parseJson,
  takePage,
} from '../../controller/index.ts';
import { Blocks } from './blocks.ts';
import type { WrittenMetrics } from './metrics-writer.ts';
import type { Sql } from './sql.ts';

/** Messages this old are useless: devices have sent them again by then. */
const keptMs = 60_000;
const commitsAtOnce = 100;
const eventsAtOnce = 500;

/** As JSON, beside the blocks: a batch names its device by its place in `devices`. */
interface Note {
  readonly devices: readonly string[];
  readonly entries: readonly (readonly [device: number, entry: number])[];
  readonly batches: readonly (readonly [
    device: number,
    session: number,
    sequence: number,
    samples: number,
    newestMs: number | null,
    bytes: number,
  ])[];
  readonly duplicateBatches: number;
  readonly repeatedSessions: WrittenMetrics['repeatedSessions'];
}

/** Tells the leader of a commit, in the same transaction. */
export async function noteIngested(
  sql: Sql,
  { fresh, duplicateBatches, repeatedSessions }: WrittenMetrics,
  entries: readonly Entry[],
  nowMs: number,
): Promise<void> {
  const devices = new Map<string, number>();
  const placeOf = (device: string) => {
    const place = devices.get(device) ?? devices.size;
    devices.set(device, place);
    return place;
  };
  const blocks = new Blocks();
  const batches: Note['batches'] = fresh.map(({ row, block }) => {
    const { device, session, sequence, values, newestMs } = row;
    if (newestMs !== undefined) blocks.add(block, 0, 0);
    const bytes = newestMs === undefined ? 0 : block.byteLength;
    return [placeOf(device), session, sequence, values.length, newestMs ?? null, bytes];
  });
  const note: Note = {
    batches,
    entries: entries.map(({ device, entry }) => [placeOf(device), entry]),
    ...{ devices: [...devices.keys()], duplicateBatches, repeatedSessions },
  };
  await sql.run(
    'INSERT INTO ingested (at_ms, note, blocks) VALUES ($1, $2, $3)',
    ...[nowMs, JSON.stringify(note), blocks.bytes()],
  );
}

/** Removes what no leader took, while there is none. */
export async function dropUntaken(sql: Sql, nowMs: number): Promise<void> {
  await sql.run('DELETE FROM ingested WHERE at_ms < $1', nowMs - keptMs);
}

/** Reads what ingest processes left for the leader, and removes it. */
export async function takeIngested(sql: Sql, after: number): Promise<Ingested> {
  const rows = await sql.all(
    `DELETE FROM ingested WHERE id = ANY (ARRAY (SELECT id FROM ingested ORDER BY id LIMIT ${commitsAtOnce}))
     RETURNING id, note, blocks`,
  );
  rows.sort((a, b) => Number(a.id) - Number(b.id));
  const notes = rows.flatMap((row) => {
    const note = parseJson<Note>(row.note);
    return note === undefined ? [] : [{ note, blocks: row.blocks as Uint8Array }];
  });
  const found = await sql.all(
    `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
     WHERE seq > $1 ORDER BY seq LIMIT ${eventsAtOnce}`,
    after,
  );
  const { page, more } = takePage(found, eventsAtOnce, ({ data }) => String(data ?? '').length);
  return {
    entries: notes.flatMap(({ note: { devices, entries } }) =>
      entries.map(([at, entry]) => ({ device: devices[at] ?? '', entry })),
    ),
    batches: notes.flatMap(({ note, blocks }) => batchesOf(note, blocks)),
    duplicateBatches: notes.reduce((sum, { note }) => sum + note.duplicateBatches, 0),
    repeatedSessions: notes.flatMap(({ note }) => note.repeatedSessions),
    events: page.map(eventOf),
    more: more || rows.length === commitsAtOnce || page.length === eventsAtOnce,
  };
}

function batchesOf({ devices, batches }: Note, blocks: Uint8Array): IngestedBatch[] {
  let at = 0;
  return batches.map(([device, session, sequence, samples, newestMs, bytes]) => {
    const block = blocks.subarray(at, at + bytes);
    at += bytes;
    const batch = { device: devices[device] ?? '', session, sequence, samples, block };
    return newestMs === null ? batch : { ...batch, newestMs };
  });
}
