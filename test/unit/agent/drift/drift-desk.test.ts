import { describe, expect, it } from 'vitest';
import { DriftDesk, type Occurrence } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { Frame, PerceptionResult } from '../../../../src/perception/index.ts';
import { createStreet, type Street } from '../../../../src/simulation/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { driftPorts } from '../../../fakes/fake-drift.ts';

const width = 320;
const height = 180;
const everyMs = 200;

/** A camera on the simulated street at 5 frames/s, watched by the desk, without a profile. */
class Watched {
  readonly clock = new FakeClock();
  readonly told: Occurrence[] = [];
  readonly sink: DriftDesk;
  readonly street: Street = createStreet({ seed: 4, width, height });
  sequence = 0;

  async run(seconds: number): Promise<void> {
    for (let frame = 0; frame < (seconds * 1000) / everyMs; frame++) {
      const { pixels } = this.street.render(this.sequence / (1000 / everyMs));
      this.sink.publish(result(this.sequence), frameOf(this.sequence, pixels));
      this.sequence += 1;
      await this.clock.advance(everyMs);
    }
  }

  get said(): string[] {
    return this.told.map(({ kind, severity, message }) => `${kind} ${severity} ${message}`);
  }
}

function frameOf(sequence: number, data: Uint8Array, encoding: Frame['encoding'] = 'rgb8'): Frame {
  const step = encoding === 'jpeg' ? 0 : width * 3;
  return {
    ...{ camera: 'front', sequence, stampNs: BigInt(sequence) * 200_000_000n, frameId: 'front' },
    ...{ width, height, encoding, step, pixels: { data, release() {} } },
  };
}

function result(sequence: number): PerceptionResult {
  return {
    ...{
      camera: 'front',
      sequence,
      stampNs: BigInt(sequence) * 200_000_000n,
      frameId: 'front',
      width,
      height,
    },
    ...{ detections: [], candidates: 0, captureToPublishMs: 10 },
    timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
    identity: {
      ...{
        model: 'm',
        version: '1',
        digest: `sha256:${'1'.repeat(64)}`,
        engine: 'onnxruntime',
        precision: 'fp32',
      },
      ...{ labels: [], inputWidth: 320, inputHeight: 192 },
    },
  };
}

describe('The health of a camera', () => {
  it('says nothing about a living street', async () => {
    const camera = new Watched();
    await camera.run(60);
    expect(camera.said).toEqual([]);
  });

  it.each(['frozen', 'black'] as const)(
    'is told when the picture is %s, once, and when it is over',
    async (fault) => {
      const camera = new Watched();
      await camera.run(20);
      camera.street.setConditions({ [fault]: 5 });
      await camera.run(40);
      expect(camera.said).toEqual([`drift.alarm error sensor fault: ${fault}`]);
      expect(camera.told[0]?.camera).toBe('front');
      camera.street.setConditions({ [fault]: 0 });
      await camera.run(60);
      expect(camera.said.slice(1)).toEqual([`drift.cleared info Over: sensor fault: ${fault}`]);
    },
  );

  it('is told when no frame comes any more', async () => {
    const camera = new Watched();
    await camera.run(20);
    for (let second = 0; second < 30; second++) await camera.clock.advance(1000);
    expect(camera.said).toEqual(['drift.alarm error sensor fault: frame rate lost']);
  });

  it('leaves compressed and broken frames alone', async () => {
    const camera = new Watched();
    camera.sink.publish(result(0), frameOf(0, new Uint8Array(10), 'jpeg'));
    camera.sink.publish(result(1), frameOf(1, new Uint8Array(10)));
    await camera.clock.advance(200);
    expect(camera.said).toEqual([]);
  });
});
