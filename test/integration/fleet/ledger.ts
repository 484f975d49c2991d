import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteOutboxStore } from '../../../src/adapters/outbox/index.ts';
import { decodePayload } from '../../../src/protocol/index.ts';

/**
 * Ids of the events in an outbox whose agent is dead, read from a copy of its file: what the outbox had accepted and the
 * controller had not acknowledged.
 */
export async function eventsInOutbox(deviceFolder: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-ledger-'));
  cpSync(join(deviceFolder, 'outbox'), folder, { recursive: true });
  const store = new SqliteOutboxStore({ folder, maxFileBytes: 1e9, nowMs: Date.now });
  try {
    const { entries } = await store.open();
    const ids: string[] = [];
    for (const { entry, kind } of entries) {
      const payload = await store.read(entry);
      if (kind === 'event' && payload !== undefined)
        ids.push(decodePayload('events', payload, 'the outbox').id);
    }
    return ids;
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
