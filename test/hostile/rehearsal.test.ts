import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { noProgress } from '../../src/runtime/index.ts';
import { recoveryNames } from '../../src/runtime/rehearsal/names.ts';
import { newSigner } from '../../src/runtime/rehearsal/owners.ts';
import { recoveries, rehearse } from '../../src/runtime/rehearsal/rehearse.ts';
import { newRepository, type RepositoryFile } from '../../src/trust/index.ts';
import { pushModel } from '../../src/workbench/index.ts';
import { verifier } from '../fixtures/trust-world.ts';

vi.setConfig({ testTimeout: 600_000 });

// `goshawk keys rehearse`: each with a real broker, controller and agents, which it leaves as little behind as it touches.

const ports = { clock: new SystemClock(), log: silentLog };
const push = (folder: string, controller: { readonly url: string; readonly token: string }) =>
  pushModel(folder, undefined, controller, {
    ...{ log: silentLog, startProgress: noProgress, signal: new AbortController().signal },
  });
const one = async (name: string, like?: RepositoryFile) => {
  const options = { devices: 1, push, only: [name], patienceMs: 240_000 };
  const [done] = await rehearse({ ...options, ...(like === undefined ? {} : { like }) }, ports);
  return done;
};

/** What the owners of a fleet with so many keys have signed. */
function repositoryOf(keys: number, threshold: number): RepositoryFile {
  const root = { keys: Array.from({ length: keys }, () => newSigner().key), threshold };
  const term = { nowMs: Date.now(), days: 365 };
  return newRepository({ root, targets: root, online: newSigner().key }, term, verifier);
}

describe('A rehearsal', () => {
  test('names every recovery once, with what it costs and the command', () => {
    expect(recoveries.map(({ name }) => name)).toEqual(recoveryNames);
    for (const { command, harm, until } of recoveries)
      expect([command, harm, until].every((words) => words.length > 5)).toBe(true);
  });

  test.each(recoveryNames)('of %s works, and leaves no files', async (name) => {
    const left = () => readdirSync(tmpdir()).filter((folder) => folder.startsWith('goshawk-rehearsal-'));
    const before = left();
    expect(await one(name)).toMatchObject({ name, worked: true });
    expect(left()).toEqual(before);
  });

  test('says that the owners of two keys can lose none, where both have to sign', async () => {
    const done = await one('owner-key', repositoryOf(2, 2));
    expect(done).toMatchObject({ worked: false });
    expect(done?.why).toContain('2 of 1 keys cannot sign root');
  });
});
