import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventsInOutbox } from './ledger.ts';
import { eventually } from './program.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const umount = (folder: string) => spawnSync('umount', ['-l', folder]);
const mount = (folder: string, size: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'goshawk-test', folder]);

/** Only root may mount, and in some containers not even root. */
function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'a small disk can only be mounted by root';
  const probe = mkdtempSync(join(tmpdir(), 'goshawk-mount-'));
  const { status, error } = mount(probe, '64k');
  umount(probe);
  rmSync(probe, { recursive: true, force: true });
  return status === 0 && error === undefined ? undefined : 'tmpfs can not be mounted here';
}

const missing = whyNot();

/** Leaves no page free, whatever others write meanwhile. */
function fill(folder: string): () => void {
  const file = join(folder, 'filler');
  const page = Buffer.alloc(4096);
  const filler = openSync(file, 'w');
  try {
    for (;;) writeSync(filler, page);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(filler);
  }
  return () => rmSync(file);
}

describe.skipIf(missing !== undefined)(
  `A disk that fills up${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let fleet: TestFleet;
    let disk: string;

    beforeEach(async () => {
      const [aedes] = brokerKinds;
      if (aedes === undefined) throw new Error('There is no broker to test with.');
      fleet = await TestFleet.open(aedes);
      await fleet.broker.start();
    });
    afterEach(async () => {
      // The mount goes after the programs that use it, and before the folder it hangs in.
      await fleet.stopPrograms();
      umount(disk);
      await fleet.close();
    });

    const mountAt = (folder: string, size: string) => {
      disk = folder;
      mkdirSync(folder, { recursive: true });
      expect(mount(folder, size).status).toBe(0);
    };

    it('stops no device: events go on from memory, it is told, and it is told when there is room again', async () => {
      mountAt(fleet.deviceFolder('cam-1'), '4m');
      await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
      await fleet.online('cam-1');
      const kinds = async () => (await fleet.events('cam-1')).map(({ kind }) => kind);
      await eventually('events arrive', async () => (await kinds()).length > 5);
      const empty = fill(disk);
      await eventually('the fleet hears that the disk is full', async () =>
        (await kinds()).includes('outbox.disk-failed'),
      );
      expect(agent.stderr).toMatch(/disk is full/);
      const before = (await kinds()).length;
      await eventually('events go on', async () => (await kinds()).length > before + 10);
      empty();
      await eventually('the fleet hears that there is room', async () =>
        (await kinds()).includes('outbox.disk-recovered'),
      );
      expect(await agent.end()).toMatchObject({ code: 0 });
      expect(agent.stderr).not.toMatch(/An event was lost/);
    });

    it('loses nothing at the controller: devices keep what it can not write, and send it when there is room', async () => {
      mountAt(fleet.controllerFolder, '8m');
      const controller = await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
      await fleet.online('cam-1');
      const received = async () => (await fleet.events('cam-1')).length;
      await eventually('events arrive', async () => (await received()) > 5);
      const empty = fill(disk);
      await eventually('the controller says so', () =>
        /database-full|disk that holds the database/.test(controller.stderr),
      );
      const health = await fetch(`${fleet.url}/healthz`);
      expect([health.status, await health.json()]).toEqual([
        503,
        { status: 'degraded', broker: 'online', storage: 'database-full' },
      ]);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(await agent.end()).toMatchObject({ code: 0 });
      const kept = await eventsInOutbox(fleet.deviceFolder('cam-1'));
      expect(kept.length).toBeGreaterThan(10);
      expect(controller.alive).toBe(true);
      empty();
      await fleet.startAgent({ device: 'cam-1' });
      await eventually(
        'what was kept arrives',
        async () => {
          const ids = new Set((await fleet.events('cam-1')).map(({ id }) => id));
          return kept.every((id) => ids.has(id));
        },
        120_000,
        500,
      );
      const ids = (await fleet.events('cam-1')).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });
  },
);
