import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { RolloutDetail } from '../../src/api/index.ts';
import { formatManifest } from '../../src/model/index.ts';
import { settle } from '../fakes/fake-clock.ts';
import { FakeDevice } from '../fakes/fake-device.ts';
import { admin, digest as oldDigest, TestFleet } from '../fakes/test-fleet.ts';
import { pushBundle } from '../fixtures/push-bundle.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';

vi.setConfig({ testTimeout: 300_000 });

// Six agents with their own state machines, outboxes and metrics, on a broker and a clock of the test. The fleet is three hours
// old, so its gate knows no usual day: what it can't show it says, and the policy has that go back.

/** What a version makes of 45 frames that a camera gives in half a minute. */
interface Version {
  readonly frames: number;
  /** On each of them. */
  readonly found: number;
  readonly tookMs: number;
  /** Its engine is lost now and then. */
  readonly crashes?: true;
}
const good: Version = { frames: 45, found: 40, tookMs: 40 };

const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

class YoungFleet {
  readonly #fleet: TestFleet;
  readonly #devices: FakeDevice[] = [];
  readonly #versions = new Map<string, Version>([[oldDigest, good]]);
  #noise = 7;

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
  }

  static async open(): Promise<YoungFleet> {
    const fleet = await TestFleet.open({ publicUrl: 'http://fleet' });
    const young = new YoungFleet(fleet);
    for (let at = 1; at <= 6; at++) {
      const device = new FakeDevice(fleet.broker, fleet.clock, `cam-${at}`);
      young.#devices.push(device);
      await device.start({ metricsEverySeconds: 60, probationSeconds: 20 });
    }
    await young.minutes(180);
    return young;
  }

  async push(version: Version): Promise<void> {
    const file = { path: 'onnx/fp32.onnx', digest: digestOf('tiny'), size: 4 };
    const variants = [{ kind: 'fp32' as const, file }];
    const own = tinyManifest({ name: 'street', version: '2.0.0', variants });
    const manifest = Buffer.from(formatManifest(own));
    await pushBundle(this.#fleet.controller, admin, manifest, { [file.path]: Buffer.from('tiny') });
    this.#versions.set(digestOf(manifest), version);
    await settle();
  }

  /** Frames come in, half a minute at a time; what stirs is the street. */
  async minutes(count: number): Promise<void> {
    for (let at = 0; at < count * 2; at++) {
      for (const { pipeline, agent } of this.#devices) {
        const { identity } = pipeline;
        const { frames, found, tookMs, crashes } = this.#versions.get(identity.digest) ?? good;
        pipeline.received += good.frames;
        pipeline.processed += frames;
        pipeline.framesPerSecond = frames / 15;
        for (let frame = 0; frame < frames; frame++)
          agent.sink.publish({
            ...{ camera: 'front', slot: 'main', identity, sequence: frame, stampNs: 0n, frameId: 'front' },
            ...{ width: 640, height: 360, timings, candidates: 1, captureToPublishMs: tookMs * this.#stir() },
            detections: Array.from({ length: Math.round(found * this.#stir()) }, () => car),
          });
        if (crashes && at % 8 === 0) void agent.reportEvent(lost);
      }
      await this.#fleet.clock.pass(30_000);
    }
    await settle();
  }

  /** To one of six, and then to all; until it is decided. */
  async rollOut(): Promise<{ shown: RolloutDetail; runs: Set<string>; reached: string[] }> {
    const { rollouts } = this.#fleet.controller;
    const metrics = (['detections', 'frame-rate', 'latency', 'crashes'] as const).map((metric) =>
      metric === 'detections' ? { metric, direction: 'both' as const } : { metric },
    );
    const policy = {
      model: { name: 'street', version: '2.0.0' },
      target: { all: true as const },
      waves: [
        { devices: ['cam-1'], soakMinutes: 60 },
        { percent: 100, soakMinutes: 60 },
      ],
      gate: { metrics },
      onUnclear: 'rollback' as const,
    };
    await rollouts.create(admin, { name: 'two', policy });
    for (let at = 0; at < 30 && ['running', 'soaking'].includes(rollouts.detail('two').state); at++)
      await this.minutes(5);
    await this.minutes(5);
    const runs = new Set(this.#devices.map(({ pipeline }) => pipeline.identity.digest));
    const reached = this.#devices.filter(({ pipeline }) => pipeline.served.length > 1).map(({ id }) => id);
    return { shown: rollouts.detail('two'), runs, reached };
  }

  async close(): Promise<void> {
    for (const device of this.#devices) device.kill();
    await this.#fleet.stop();
  }

  /** About one: streets are never the same. */
  #stir(): number {
    this.#noise = (this.#noise * 16_807) % 2_147_483_647;
    return 0.9 + (0.2 * this.#noise) / 2_147_483_647;
  }
}

const timings = { preprocessMs: 1, inferMs: 1, postprocessMs: 1 };
const car = { classId: 0, label: 'car', score: 0.9, box: { x1: 1, y1: 1, x2: 20, y2: 20 } };
const lost = { kind: 'engine.crashed', severity: 'error', message: 'The engine is lost.' } as const;

describe('A version that goes to one of six agents of a young fleet', () => {
  const versions: readonly [what: string, version: Version][] = [
    ['finds nothing', { ...good, found: 0 }],
    ['floods', { ...good, found: 400 }],
    ['is three times slower', { ...good, frames: 15, tookMs: 120 }],
    ['crashes', { ...good, crashes: true }],
  ];
  test.each(versions)('and %s goes no further, and goes back', async (_, version) => {
    const fleet = await YoungFleet.open();
    await fleet.push(version);
    const { shown, runs, reached } = await fleet.rollOut();
    await fleet.close();
    expect(shown).toMatchObject({ state: 'rolled-back', wave: 0 });
    expect(shown.reason).toMatch(version.crashes ? /The gate failed/ : /The gate (failed|cannot say)/);
    expect(reached).toEqual(['cam-1']);
    expect(runs).toEqual(new Set([oldDigest]));
  });
});
