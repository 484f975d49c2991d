import { beforeEach, describe, expect, it } from 'vitest';
import { mainSignals } from '../../../../src/agent/drift/main-signals.ts';
import { DriftService } from '../../../../src/agent/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeController, FakeDevice } from '../../../fakes/fake-device.ts';
import { driftPorts, type FakeDrift } from '../../../fakes/fake-drift.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';
import { QuietHost } from './quiet-host.ts';

const began = 1_790_000_000;

describe('The agent of a device that watches for drift', () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  let device: FakeDevice;
  let controller: FakeController;
  let ports: FakeDrift;

  beforeEach(() => {
    clock = new FakeClock(began * 1000);
    broker = new FakeBroker(clock);
    device = new FakeDevice(broker, clock);
    controller = new FakeController(broker);
    ports = driftPorts(clock, []);
  });

  const startDrift = () =>
    DriftService.start({ cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 }, ports);
  const names = () => {
    const states = device.sent('state').flatMap((state) => (state.online ? state.catalogue : []));
    return new Set(states.map(({ name }) => name));
  };

  it('hands an order of the fleet to the watch and not to the pipeline, one camera’s over everybody’s', async () => {
    const host = new QuietHost();
    device.drift = host;
    await device.start();
    const learn = { order: 'first', hours: 4 };
    device.order({
      ...{ generation: 1, timeMs: began * 1000 },
      pipelines: {
        '*': { scoreThreshold: 0.5, drift: { learn, frames: { keep: true, margin: 0.1 } } },
        front: { drift: { falseAlarmDays: 7, frames: { margin: 0 } } },
      },
    });
    await clock.pass(1000);
    expect(host.wanted.at(-1)).toEqual([
      'front',
      { learn, falseAlarmDays: 7, frames: { keep: true, margin: 0 } },
    ]);
    expect(device.pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.5 });
    expect(device.pipeline.settings('front')).not.toHaveProperty('drift');
    expect(device.sent('reported').at(-1)?.pipelines.front).not.toHaveProperty('drift');
  });

  it('hands it over again after a restart', async () => {
    const host = new QuietHost();
    device.drift = host;
    await device.start();
    device.order({ generation: 1, timeMs: 0, pipelines: { front: { drift: { watch: false } } } });
    await clock.pass(1000);
    device.kill();
    host.wanted.length = 0;
    await device.start();
    expect(host.wanted).toEqual([['front', { watch: false }]]);
  });

  it('reports the state of every camera, at once when it changes', async () => {
    device.drift = await startDrift();
    await device.start();
    await clock.pass(1000);
    expect(device.sent('reported').at(-1)?.drift).toMatchObject({ front: { state: 'sensor-only' } });
    const before = device.sent('reported').length;
    device.order({ generation: 1, timeMs: 0, pipelines: { '*': { drift: { watch: false } } } });
    await clock.pass(1000);
    expect(device.sent('reported').length).toBeGreaterThan(before);
    expect(device.sent('reported').at(-1)?.drift).toMatchObject({ front: { state: 'off' } });
  });

  it('reports once for changes of the same moment, and every minute while a camera learns', async () => {
    const host = new QuietHost();
    device.drift = host;
    await device.start();
    await clock.pass(1000);
    const before = device.sent('reported').length;
    for (let i = 0; i < 20; i++) host.change();
    await clock.pass(1000);
    expect(device.sent('reported')).toHaveLength(before + 1);
    host.learning = true;
    await clock.pass(600_000);
    expect(device.sent('reported')).toHaveLength(before + 11);
  });

  it('answers calls for hard frames', async () => {
    device.drift = await startDrift();
    await device.start();
    await clock.pass(100);
    controller.call('frames', { limit: 5 });
    await clock.pass(100);
    controller.call('frame', { id: '1-0', offset: 0 });
    await clock.pass(100);
    expect(controller.responses).toMatchObject([
      { ok: true, result: { frames: [], more: false, total: { count: 0, bytes: 0 } } },
      { ok: false, code: 'frame-unknown' },
    ]);
  });

  it('says so where it does not watch', async () => {
    await device.start();
    await clock.pass(100);
    controller.call('frames', { limit: 5 });
    await clock.pass(100);
    expect(controller.responses).toMatchObject([{ ok: false, code: 'drift-off' }]);
    expect(device.sent('reported').at(-1)).not.toHaveProperty('drift');
  });

  it('sends the signals with every batch while an incident is open, and a counter by verdict', async () => {
    const host = new QuietHost();
    device.drift = host;
    await device.start();
    await clock.pass(60_000);
    const samples = () => device.batches().reduce((sum, batch) => sum + batch.samples.length, 0);
    await clock.pass(100_000);
    const quiet = samples();
    await clock.pass(100_000);
    const quietly = samples() - quiet;
    host.incident = true;
    const before = samples();
    await clock.pass(100_000);
    expect(samples() - before).toBeGreaterThan(quietly + 8 * mainSignals.size);
    expect(names()).toContain('goshawk_drift_alarms_total');
    expect(names()).toContain('goshawk_drift_score');
    expect(names()).toContain('goshawk_drift_signal_deviations');
  });
});
