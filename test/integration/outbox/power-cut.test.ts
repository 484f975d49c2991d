import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteOutboxStore } from '../../../src/adapters/outbox/index.ts';

const script = fileURLToPath(new URL('./accept-forever.ts', import.meta.url));

/** Runs the child until it has accepted `count` entries, kills it with SIGKILL and gives the numbers it promised. */
function acceptUntilKilled(folder: string, count: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split('\n').length > count) child.kill('SIGKILL');
    });
    child.on('exit', (_code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`The child ended by itself: ${complaints}`));
      else resolve(printed.split('\n').slice(0, -1).map(Number));
    });
  });
}

describe('An agent killed with SIGKILL', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-outbox-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds every entry that it had accepted, three times in a row, and gives no number twice', async () => {
    const promised: number[] = [];
    for (const count of [1, 37, 120]) promised.push(...(await acceptUntilKilled(folder, count)));
    const store = new SqliteOutboxStore({ folder, maxFileBytes: 1e8, nowMs: Date.now });
    const { entries, nextEntry, damage } = await store.open();
    const kept = new Set(entries.map(({ entry }) => entry));
    expect(damage).toBeUndefined();
    expect(promised.length).toBeGreaterThan(150);
    expect(promised.filter((entry) => !kept.has(entry))).toEqual([]);
    expect(new Set(promised).size).toBe(promised.length);
    expect(nextEntry).toBeGreaterThan(Math.max(...promised));
    const last = promised.at(-1) ?? 0;
    expect(new TextDecoder().decode(await store.read(last))).toContain(`event ${last} of`);
    await store.close();
  });
});
