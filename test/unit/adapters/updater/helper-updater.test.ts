import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HelperUpdater, readUpdateStatus, standingIn } from '../../../../src/adapters/updater/index.ts';
import type { Bundle, ReleaseManifest } from '../../../../src/model/index.ts';
import { digestOf, UpdateMachine } from '../../deploy/update/machine.ts';

describe('Packages of the agent, installed by the real helper', () => {
  let machine: UpdateMachine;
  let nowMs: number;
  const updater = (version: string, unavailable?: string) =>
    new HelperUpdater({
      ...{ requests: join(machine.root, 'agent/update'), state: join(machine.root, 'state') },
      kind: { format: 'deb', name: 'goshawk-agent', architecture: 'amd64' },
      ...{ version, nowMs: () => nowMs },
      ...(unavailable === undefined ? {} : { unavailable }),
    });
  beforeEach(() => {
    machine = new UpdateMachine();
    nowMs = 0;
  });
  afterEach(() => machine.close());

  it('are verified, installed and proven, and the one before can be had back under its digest', async () => {
    const digest = digestOf('2.0.0');
    machine.sign('2.0.0', 2);
    const before = updater('1.0.0');
    const first = await before.running();
    expect(first).toMatchObject({ name: 'goshawk-agent-amd64', version: '1.0.0' });
    expect(await before.standing(digest)).toEqual({ kind: 'none' });
    await before.prepare(digest);
    expect(await before.standing(digest)).toEqual({ kind: 'installing' });
    await machine.request();
    expect(await before.standing(digest)).toEqual({ kind: 'prepared' });
    await before.install(digest);
    await machine.request();
    const after = updater('2.0.0');
    const guard = machine.guard();
    await expect.poll(async () => (await after.standing(digest)).kind, { timeout: 20_000 }).toBe('trial');
    expect(await after.running()).toMatchObject({ version: '2.0.0', digest });
    await after.conclude(digest);
    await guard;
    expect(await after.standing(digest)).toEqual({ kind: 'kept' });
    expect(await after.running()).toMatchObject({ version: '2.0.0', digest });
    expect(await after.previous()).toBe(first.digest);
  }, 60_000);

  it('are given up where the helper does not answer', async () => {
    const one = updater('1.0.0');
    await one.prepare(digestOf('2.0.0'));
    nowMs = 119_000;
    expect((await one.standing(digestOf('2.0.0'))).kind).toBe('installing');
    nowMs = 121_000;
    expect(await one.standing(digestOf('2.0.0'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('does not answer'),
    });
  });

  it('of another machine are refused', () => {
    const release = (name: string, architecture: string, format = 'deb') =>
      ({
        manifest: { name: 'r', version: '2', package: { format, name, architecture } },
      }) as Bundle<ReleaseManifest>;
    expect(() => updater('1.0.0').expectFits(release('goshawk-agent', 'amd64'))).not.toThrow();
    for (const other of [
      release('goshawk-agent', 'arm64'),
      release('goshawk-controller', 'amd64'),
      release('goshawk-agent', 'amd64', 'rauc'),
    ])
      expect(() => updater('1.0.0').expectFits(other)).toThrow(
        expect.objectContaining({ code: 'release-other-machine' }),
      );
    expect(updater('1.0.0', 'It is a container.').unavailable).toBe('It is a container.');
  });

  it('have a status that is read whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 10_000 }), async (text) => {
        expect(standingIn(readUpdateStatus(text), digestOf('2.0.0')).kind).toBe('none');
      }),
    );
    writeFileSync(join(machine.root, 'state/status'), `state=trial\nnext=${digestOf('2')} 2\nseconds=many\n`);
    expect(await updater('2').standing(digestOf('2'))).toEqual({ kind: 'trial', seconds: 0 });
  });
});
