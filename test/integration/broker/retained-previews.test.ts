import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeSecrets } from '../../../src/adapters/crypto/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { FleetController } from '../../../src/controller/index.ts';
import { encodePayload, type Message, type Transport, topics } from '../../../src/protocol/index.ts';
import { brokerConnector } from '../../../src/runtime/settings/connect.ts';
import { fakeArtifacts } from '../../fakes/fake-artifacts.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { birth } from '../../fakes/test-fleet.ts';
import { brokerKinds, type FleetBroker } from '../fleet/brokers.ts';
import { eventually } from '../fleet/program.ts';

vi.setConfig({ testTimeout: 600_000 });

// A live picture that somebody let the broker keep takes its memory for ever, so the controller clears it.

describe.each(brokerKinds)('Live pictures that are retained, on $title', ({ make, missing }) => {
  let folder: string;
  let broker: FleetBroker;
  const open: Transport[] = [];
  const ports = { clock: new SystemClock(), log: silentLog };

  beforeEach(async () => {
    if (missing !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'goshawk-previews-'));
    broker = make(folder);
    await broker.start();
  });
  afterEach(async () => {
    if (missing !== undefined) return;
    for (const transport of open.splice(0)) await transport.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function client(name: string, prepare: (transport: Transport) => void = () => {}) {
    const transport = (await brokerConnector(broker.access(name), name, ports))();
    prepare(transport);
    open.push(transport);
    transport.start();
    await eventually(`${name} is online`, () => transport.status().state === 'online');
    return transport;
  }

  /** What a broker gives somebody who comes now. */
  async function kept(name: string): Promise<string[]> {
    const got: Message[] = [];
    const transport = await client(name, (made) => {
      made.subscribe('goshawk/1/+/preview/#', 1);
      made.subscribe('goshawk/1/+/state', 1);
      made.onMessage((one) => void got.push(one));
    });
    await eventually('what is retained came', () => got.some(({ topic }) => topic.endsWith('/state')));
    await transport.close();
    return got.filter(({ payload }) => payload.byteLength > 0).map(({ topic }) => topic);
  }

  it.skipIf(missing !== undefined)(
    `are cleared, those from before the controller came and those that come at once${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    async () => {
      // The built-in broker refuses a device, so somebody else left them there; Mosquitto can't tell.
      const sender = broker.constructor.name === 'AedesBroker' ? 'stranger' : 'cam-1';
      const device = await client(sender);
      const retain = (topic: string, payload: Uint8Array) =>
        device.publish({ topic, payload, qos: 1, retain: true });
      await retain(topics.state('cam-1'), encodePayload('state', birth));
      const picture = new Uint8Array(50_000);
      await retain(topics.preview('cam-1', 'before'), picture);
      const controller = new FleetController({
        ...ports,
        store: new FakeStore(),
        transport: (await brokerConnector(broker.access('controller'), 'controller', ports))(),
        ...{ artifacts: fakeArtifacts(), secrets: nodeSecrets },
      });
      await controller.start();
      await eventually('the device is known', () => controller.registry.get('cam-1') !== undefined);
      await retain(topics.preview('cam-1', 'front'), picture);
      await retain(topics.preview('cam-1', 'nobody-has-it'), picture);
      await eventually('all three were seen', () => controller.counters.overQuota['retained-previews'] >= 3);
      await controller.close();
      await device.close();
      await eventually('nothing but the state is retained', async () => {
        expect(await kept('controller')).toEqual([topics.state('cam-1')]);
        return true;
      });
    },
  );
});
