import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SmallDisk, smallDiskMissing } from '../../fixtures/small-disk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventsInOutbox } from './ledger.ts';
import { eventually } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const missing = smallDiskMissing;

describe.skipIf(missing !== undefined)(
  `A disk that fills up${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let fleet: TestFleet;
    let disk: SmallDisk;

    beforeEach(async () => {
      const [aedes] = brokerKinds;
      if (aedes === undefined) throw new Error('There is no broker to test with.');
      fleet = await TestFleet.open(aedes);
      await fleet.broker.start();
    });
    afterEach(async () => {
      // The mount goes after the programs that use it, and before the folder it hangs in.
      await fleet.stopPrograms();
      disk.remove();
      await fleet.close();
    });

    it('stops no device: events continue from memory, and the start and the end are reported', async () => {
      disk = new SmallDisk(fleet.deviceFolder('cam-1'), '4m');
      await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
      await fleet.online('cam-1');
      const kinds = async () => (await fleet.events('cam-1')).map(({ kind }) => kind);
      await eventually('events arrive', async () => (await kinds()).length > 5);
      const empty = disk.fill();
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

    it('loses no telemetry at the controller: devices keep it, and send it when there is room', async () => {
      disk = new SmallDisk(fleet.controllerFolder, '8m');
      const controller = await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
      await fleet.online('cam-1');
      const received = async () => (await fleet.events('cam-1')).length;
      await eventually('events arrive', async () => (await received()) > 5);
      const empty = disk.fill();
      await eventually('the controller says so', () =>
        /database-full|disk that holds the database/.test(controller.stderr),
      );
      const health = await fetch(`${fleet.url}/healthz`);
      expect([health.status, await health.json()]).toEqual([
        503,
        { status: 'degraded', broker: 'online', storage: 'database-full' },
      ]);
      const inOutbox = () => eventsInOutbox(fleet.deviceFolder('cam-1'));
      await eventually('the device keeps events', async () => (await inOutbox()).length > 10);
      expect(await agent.end()).toMatchObject({ code: 0 });
      const kept = await inOutbox();
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
