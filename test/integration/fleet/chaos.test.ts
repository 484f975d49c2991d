import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { metricNames } from '../../../src/protocol/index.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventsInOutbox } from './ledger.ts';
import { eventually, type Program } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** How many events a session that ended by itself had told; what was lost on the way would be counted here too. */
const told = (program: Program) => program.log.filter(({ event }) => event !== undefined).length;

describe.each(brokerKinds)('Broker, agent and controller fail one after the other, over $title', (kind) => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open(kind);
  });
  afterEach(() => fleet.close());

  it.skipIf(kind.missing !== undefined)(
    `every event that an outbox had accepted arrives once${kind.missing === undefined ? '' : ` (skipped: ${kind.missing})`}`,
    async () => {
      const ledger = new Set<string>();
      const keep = async () => {
        const ids = await eventsInOutbox(fleet.deviceFolder('cam-1'));
        for (const id of ids) ledger.add(id);
        return ids.length;
      };
      const start = () => fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
      const received = async () => (await fleet.events('cam-1')).length;

      await fleet.broker.start();
      await fleet.startController();
      let agent = await start();
      await eventually('events arrive', async () => (await received()) > 20);
      const beforeOutage = await received();

      /** About five a second. */
      const tells = (more: number) => {
        const before = told(agent);
        return eventually(`it tells ${more} events`, () => told(agent) >= before + more);
      };
      await fleet.broker.stop();
      await tells(25);
      // A power cut while offline, and another one on the way back.
      await agent.end('SIGKILL');
      expect(await keep()).toBeGreaterThan(10);
      agent = await start();
      await tells(20);
      await agent.end('SIGKILL');
      const offline = await keep();
      expect(offline).toBeGreaterThan(20);
      const thirdMs = Date.now();
      agent = await start();
      const third = agent;
      await fleet.controller.end('SIGKILL');
      await tells(20);

      await fleet.broker.start();
      await fleet.startController();
      // Gone once more while the outbox drains; what is acknowledged by then is in its database.
      await eventually('the outbox drains', async () => (await received()) > beforeOutage);
      await fleet.controller.end('SIGKILL');
      await fleet.startController();
      await fleet.online('cam-1');

      expect(await agent.end()).toMatchObject({ code: 0 });
      await keep();
      const fourthMs = Date.now();
      agent = await fleet.startAgent({ device: 'cam-1' });
      const { session } = await agent.line('started');
      await eventually('the last session is online', async () => {
        const { birth, summary } = await fleet.device('cam-1');
        return summary.online && birth?.session === session;
      });
      await eventually(
        'everything arrived',
        async () => {
          const ids = new Set((await fleet.events('cam-1')).map(({ id }) => id));
          return [...ledger].every((id) => ids.has(id));
        },
        180_000,
        1000,
      );
      await eventually('what arrived is acknowledged and leaves the disk', async () => {
        const { metrics } = await fleet.device('cam-1');
        return (metrics.find(({ name }) => name === metricNames.outboxEntries)?.value ?? 99) < 5;
      });
      expect(await agent.end()).toMatchObject({ code: 0 });

      const events = await fleet.events('cam-1');
      const ids = new Set(events.map(({ id }) => id));
      expect(ids.size).toBe(events.length);
      // An agent that ends waits for the acknowledgements. On a full machine they may come later than it waits: what it told
      // then lies in its outbox, and is counted with what arrived.
      const left = (await eventsInOutbox(fleet.deviceFolder('cam-1'))).filter((id) => !ids.has(id));
      expect(told(third)).toBeGreaterThan(0);
      // A second ledger: the two sessions that ended by themselves say in their logs what they told.
      for (const [program, fromMs, toMs] of [
        [third, thirdMs, fourthMs],
        [agent, fourthMs, Number.POSITIVE_INFINITY],
      ] as const) {
        // That a device came or went is told by the controller, and no outbox had it.
        const arrived = events.filter(
          ({ kind, timeMs }) => timeMs >= fromMs && timeMs < toMs && !kind.startsWith('device.'),
        );
        expect(arrived.length + (program === agent ? left.length : 0)).toBe(told(program));
      }
      const { sequenceGaps, malformed } = await fleet.client.call('GET /fleet');
      expect({ sequenceGaps, malformed }).toEqual({ sequenceGaps: 0, malformed: 0 });
    },
  );
});
