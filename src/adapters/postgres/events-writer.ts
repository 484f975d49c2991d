import type { FleetEvent } from '../../api/index.ts';
import { type EventRow, eventBytes, severities } from '../../controller/index.ts';
import { grow } from './incident-writer.ts';
import type { Sql } from './sql.ts';

/**
 * Stores the events that are new, with their numbers; within a transaction. Writers take turns from here to their commit: an
 * event that came to two of them is stored once, and who has seen a number has seen all that are lower.
 */
export async function writeEvents(
  sql: Sql,
  rows: readonly EventRow[],
  numberOf: (device: string) => number,
): Promise<FleetEvent[]> {
  if (rows.length === 0) return [];
  // A statement of its own: the next one sees what the writer before committed.
  await sql.run(`SELECT FROM state WHERE name = 'event' FOR UPDATE`);
  const numbers = rows.map(({ device }) => numberOf(device));
  const known = await sql.all(
    `SELECT e.device, e.id FROM event e JOIN unnest($1::int[], $2::text[]) AS k (device, id)
     ON e.device = k.device AND e.id = k.id`,
    numbers,
    rows.map(({ id }) => id),
  );
  const seen = new Set(known.map(({ device, id }) => `${device} ${id}`));
  const fresh = rows.filter(({ id }, index) => {
    const key = `${numbers[index]} ${id}`;
    return !seen.has(key) && seen.add(key);
  });
  if (fresh.length === 0) return [];
  const counter = await sql.get(
    `UPDATE state SET value = value + $1 WHERE name = 'event' RETURNING value`,
    fresh.length,
  );
  const first = Number(counter?.value) - fresh.length + 1;
  const events = fresh.map((row, index) => ({ seq: first + index, ...row }));
  await insertEvents(sql, events, numberOf);
  return events;
}

async function insertEvents(
  sql: Sql,
  events: readonly FleetEvent[],
  numberOf: (device: string) => number,
): Promise<void> {
  const texts = events.map(({ data }) => (data === undefined ? null : JSON.stringify(data)));
  await sql.run(
    `INSERT INTO event (seq, device, id, time_ms, received_ms, kind, severity, message, camera, data)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::float8[], $5::float8[], $6::text[], $7::smallint[],
       $8::text[], $9::text[], $10::text[])`,
    events.map(({ seq }) => seq),
    events.map(({ device }) => numberOf(device)),
    events.map(({ id }) => id),
    events.map(({ timeMs }) => timeMs),
    events.map(({ receivedMs }) => receivedMs),
    events.map(({ kind }) => kind),
    events.map(({ severity }) => severities.indexOf(severity)),
    events.map(({ message }) => message),
    events.map(({ camera }) => camera ?? null),
    texts,
  );
  const bytes = events.reduce(
    (sum, { message }, index) => sum + eventBytes(message.length, texts[index]?.length ?? 0),
    0,
  );
  await grow(sql, 'events', bytes);
}
