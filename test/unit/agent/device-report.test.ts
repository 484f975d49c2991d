import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { DeviceReport } from '../../../src/agent/device-report.ts';
import { OpenTrustGate } from '../../../src/agent/trust/open-gate.ts';
import { defaultCameraSettings } from '../../../src/perception/index.ts';
import { Reported } from '../../../src/protocol/payloads.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { identityOf, statsOf } from '../../fakes/fake-pipeline.ts';

describe('What a device reports of a camera', () => {
  const reported = (more: object): Reported => {
    const stats = statsOf({});
    const reported = new DeviceReport({
      ...{ device: 'd1', agentVersion: '1', groups: () => [], clock: new FakeClock(), targetFps: {} },
      stateStore: { state: { session: 1, generation: 2 } } as never,
      pipeline: {
        cameras: [],
        identity: identityOf(`sha256:${'0'.repeat(64)}`),
        stats: () => ({ ...stats, cameras: [{ ...stats.cameras[0]!, ...more }] }),
      } as never,
      models: {
        deployment: { state: 'idle' },
        slots: () => ({}),
        loaded: () => [],
        refused: () => undefined,
        withdrawn: [],
      } as never,
      outbox: {} as never,
      parts: {},
      machine: { readDisk: () => undefined },
      trust: new OpenTrustGate('unsigned'),
    }).reported();
    expect(Value.Check(Reported, reported)).toBe(true);
    return reported;
  };
  const cameras = (more: object) => reported(more).cameras;

  it('names nodes that do not do their work, for as long as it is so', () => {
    const what = 'The node "plates" cuts out "truck", which street does not know.';
    expect(cameras({ problems: [{ node: 'plates', what }] })).toEqual({
      front: { graph: [{ node: 'plates', problem: what }] },
    });
    expect(cameras({})).toEqual({ front: {} });
  });

  it('is what is in force: one that rests is off, whatever is wanted of it', () => {
    const settings = { ...defaultCameraSettings, enabled: false };
    expect(reported({ settings }).pipelines?.front).toMatchObject({ enabled: false });
  });

  it('stays within what a controller takes', () => {
    const problems = Array.from({ length: 40 }, (_, i) => ({ node: `n${i}`, what: 'x'.repeat(9000) }));
    expect(cameras({ problems })?.front?.graph).toHaveLength(16);
  });
});
