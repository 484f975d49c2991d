import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataFolder } from '../../../../src/adapters/filesystem/index.ts';
import { decideTrust } from '../../../../src/runtime/doctor/trust/decide.ts';
import type { TrustFacts } from '../../../../src/runtime/doctor/trust/facts.ts';
import { checkTrust } from '../../../../src/runtime/doctor/trust/read.ts';
import { anchorBytes, type RoleStanding } from '../../../../src/trust/index.ts';
import { beganMs, day, never, TrustWorld } from '../../../fixtures/trust-world.ts';

const role = (name: RoleStanding['role'], days: number): RoleStanding => ({
  ...{ role: name, version: 3, expiresMs: beganMs + days * day },
  ...(name === 'root' || name === 'targets' ? { threshold: 2, keys: 3 } : { threshold: 1, keys: 1 }),
});
const signed = (more: Partial<Extract<TrustFacts, { kind: 'signed' }>> = {}): TrustFacts => ({
  ...{ kind: 'signed', throwAway: false, trustedMs: beganMs, admitted: 1 },
  image: [role('root', 300), role('timestamp', 7), role('targets', 300)],
  director: [role('root', 300), role('targets', 7)],
  ...more,
});

describe('What doctor says of trust', () => {
  it.each<[string, TrustFacts, number, string, RegExp, RegExp]>([
    ['no agent', { kind: 'none' }, 0, 'absent', /no settings/, /--config/],
    ['insecure', { kind: 'insecure' }, 0, 'broken', /INSECURE/, /trust\.mode/],
    ['no root', { kind: 'unsigned', enrols: false }, 0, 'broken', /every ordered model/, /keys anchor/],
    ['no root yet', { kind: 'unsigned', enrols: true }, 0, 'broken', /every ordered model/, /membership/],
    ['a root', signed(), 0, 'ok', /only what is signed.*1 model .*2026-11-01T00:00:00Z/, /^$/],
    [
      'keys of a demonstration',
      signed({ throwAway: true }),
      0,
      'broken',
      /THROW-AWAY/,
      /Create your own keys/,
    ],
    ['a clock at 1970', signed(), -beganMs / day, 'broken', /clock says 1970/, /clock is wrong, set it/],
    ['a time that is ahead', signed(), -120, 'broken', /clock says 2026-07-04/, /sign a new root/],
  ])('%s', (_name, facts, days, state, detail, remedy) => {
    const [check] = decideTrust(facts, beganMs + days * day);
    expect(check?.state).toBe(state);
    expect(check?.detail).toMatch(detail);
    expect(check?.remedy ?? '').toMatch(remedy);
  });

  it.each([
    ['all is fresh', 0, 'ok', /root 3, 2 of 3 keys, until 2027-08-28; timestamp 3, 1 of 1 key, until/, /^$/],
    [
      'timestamps are stale',
      8,
      'broken',
      /timestamp 3, 1 of 1 key, EXPIRED/,
      /reaches its controller; the current model/,
    ],
    ['the owner has to renew soon', 271, 'broken', /until 2027-08-28/, /ends soon/],
    ['a year in a box', 400, 'broken', /EXPIRED 2027-08-28/, /keys renew/],
  ])("of the owner's roles when %s", (_name, days, state, detail, remedy) => {
    const check = decideTrust(signed(), beganMs + days * day)[1];
    expect(check?.state).toBe(state);
    expect(check?.detail).toMatch(detail);
    expect(check?.remedy ?? '').toMatch(remedy);
  });

  it("asks the owner for nothing where only the director's own targets are old", () => {
    const check = decideTrust(signed(), beganMs + 8 * day)[2];
    expect(check?.remedy).not.toMatch(/renew/);
  });
});

describe('What doctor reads of a device', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-doctor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const settings = (trust: object) => {
    const file = join(folder, 'agent.json');
    const broker = { url: 'mqtt://127.0.0.1:1883' };
    writeFileSync(
      file,
      JSON.stringify({
        device: 'cam-1',
        dataDir: folder,
        broker,
        cameras: { street: { source: 'sim' } },
        model: folder,
        trust,
      }),
    );
    return file;
  };

  it('finds root, roles, models and time on the disk of a device that admitted a model', async () => {
    const world = await TrustWorld.make();
    const model = await world.release('1.0.0');
    world.order(model);
    const store = (name: string) => new MetadataFolder(join(folder, 'trust', name));
    const gate = await world.gate({
      image: store('image') as never,
      director: store('director') as never,
      ledger: store('.') as never,
    });
    await gate.admit(model, never);
    const rootFile = join(folder, 'root.json');
    writeFileSync(rootFile, anchorBytes(world.anchor()));
    const [overall, owner, director] = await checkTrust(settings({ rootFile }));
    expect(overall?.detail).toMatch(/1 model admitted so far; it is 2026-11-01/);
    expect(owner?.detail).toMatch(
      /root 1, 2 of 3 keys, .*timestamp \d+, .*snapshot \d+, .*targets \d+, 2 of 3/,
    );
    expect(director?.detail).toMatch(/root 1, 2 of 3 keys, .*targets \d+, 1 of 1/);
  });

  it('does not take a root that cannot be read for none', async () => {
    const [check] = await checkTrust(settings({ rootFile: join(folder, 'not-there.json') }));
    expect(check).toMatchObject({ name: 'trust', state: 'broken' });
    expect(check?.detail).toMatch(/not-there/);
  });

  it('says that a device without one runs everything', async () => {
    const [check] = await checkTrust(settings({}));
    expect(check?.detail).toMatch(/every ordered model/);
  });
});
