import { describe, expect, it } from 'vitest';
import { type AgentEvent, DriftService, PrivacyRule, usualPrivacy } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type PerceptionResult,
  type Thumbnail,
  thumbnail,
} from '../../../../src/perception/index.ts';
import { readDriftEvent } from '../../../../src/protocol/index.ts';
import { createStreet, type Street } from '../../../../src/simulation/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { driftPorts, type FakeDrift } from '../../../fakes/fake-drift.ts';

const width = 320;
const height = 180;
const everyMs = 200;
const digest = `sha256:${'1'.repeat(64)}`;

/** A camera on the simulated street at 5 frames/s, watched by the service, without a profile. */
class Watched {
  readonly clock = new FakeClock();
  readonly told: AgentEvent[] = [];
  readonly ports: FakeDrift = driftPorts(this.clock, this.told);
  sink!: DriftService;
  readonly street: Street = createStreet({ seed: 4, width, height });
  sequence = 0;
  /** Whose model saw the frames. */
  slot = 'main';

  static async start(): Promise<Watched> {
    const watched = new Watched();
    watched.sink = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      watched.ports,
    );
    return watched;
  }

  /** The left half of its pictures is always black. */
  async startMasked(ports: Partial<FakeDrift> = {}): Promise<void> {
    const half: [number, number][] = [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ];
    const privacy = new PrivacyRule({
      cameras: { front: { ...usualPrivacy, masks: [half] } },
      settings: () => defaultCameraSettings,
    });
    this.sink = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      { ...this.ports, ...ports, privacy },
    );
  }

  async run(seconds: number): Promise<void> {
    for (let frame = 0; frame < (seconds * 1000) / everyMs; frame++) {
      const { pixels } = this.street.render(this.sequence / (1000 / everyMs));
      const seen = thumbnail({ data: pixels, width, height, step: width * 3, encoding: 'rgb8' });
      const frame = frameOf(this.sequence, pixels);
      this.sink.publish({ ...result(this.sequence), slot: this.slot, thumbnail: seen }, frame);
      this.sequence += 1;
      await this.clock.pass(everyMs);
    }
  }

  get said(): string[] {
    return this.told.map(({ kind, severity, message }) => `${kind} ${severity} ${message}`);
  }
}

/** 64 cells a row. */
function expectMasked(grey: Uint8Array): void {
  const brightest = (from: number, to: number) =>
    Math.max(...grey.filter((_, cell) => cell % 64 >= from && cell % 64 < to));
  expect(brightest(0, 32)).toBe(0);
  expect(brightest(33, 64)).toBeGreaterThan(50);
}

function frameOf(sequence: number, data: Uint8Array): Frame {
  return {
    ...{ camera: 'front', sequence, stampNs: BigInt(sequence) * 200_000_000n, frameId: 'front' },
    ...{ width, height, encoding: 'rgb8', step: width * 3, pixels: { data, release() {} } },
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
        digest,
        engine: 'onnxruntime',
        precision: 'fp32',
      },
      ...{ labels: [], inputWidth: 320, inputHeight: 192 },
    },
  };
}

describe('The health of a camera', () => {
  it('says nothing about a living street', async () => {
    const camera = await Watched.start();
    await camera.run(60);
    expect(camera.said).toEqual([]);
  });

  it.each(['frozen', 'black'] as const)(
    'is told when the picture is %s, once, and when it is over',
    async (fault) => {
      const camera = await Watched.start();
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

  it('is watched on the slot main alone: what another model gets does not count', async () => {
    const camera = await Watched.start();
    await camera.run(20);
    camera.slot = 'plate';
    await camera.run(30);
    expect(camera.said).toEqual(['drift.alarm error sensor fault: frame rate lost']);
  });

  it('is told when no frame comes any more', async () => {
    const camera = await Watched.start();
    await camera.run(20);
    for (let second = 0; second < 30; second++) await camera.clock.pass(1000);
    expect(camera.said).toEqual(['drift.alarm error sensor fault: frame rate lost']);
  });

  it('is not missed while somebody has switched it off, and is again when it should come back', async () => {
    let on = true;
    const camera = new Watched();
    camera.sink = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      { ...camera.ports, isOn: () => on },
    );
    await camera.run(20);
    on = false;
    for (let second = 0; second < 120; second++) await camera.clock.pass(1000);
    expect(camera.said).toEqual([]);
    on = true;
    await camera.run(20);
    expect(camera.said).toEqual([]);
    for (let second = 0; second < 30; second++) await camera.clock.pass(1000);
    expect(camera.said).toEqual(['drift.alarm error sensor fault: frame rate lost']);
  });

  it('is an alarm while the model gives wrong answers to frames with a known one', async () => {
    let agreement = 0.3;
    const about = { ...{ frame: 'golden/1.jpg', engine: 'onnxruntime', wanted: 0.9 }, modelDigest: digest };
    const answer = async () => ({ ...about, agreement });
    const camera = new Watched();
    camera.sink = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0.5 },
      { ...camera.ports, answers: { one: answer, all: answer, challenge: () => Promise.reject() } },
    );
    await camera.run(20);
    expect(camera.said).toEqual([]);
    await camera.run(20);
    expect(camera.said.slice(1)).toEqual(['drift.alarm warning model regression']);
    expect(readDriftEvent(camera.told[1]!)).toMatchObject({ grade: 'alarm', expectedLoss: 0.7, signals: [] });
    // Other settings make another monitor, and the answer is as wrong.
    camera.sink.configure('front', { falseAlarmDays: 3 });
    await camera.run(5);
    expect(camera.sink.statuses().front?.incident).toMatchObject({ number: 2, grade: 'alarm' });
    agreement = 1;
    await camera.run(40);
    expect(camera.said.at(-1)).toBe('drift.cleared info Over: model regression');
  });

  it('hides masked areas in the picture of an alarm', async () => {
    const camera = new Watched();
    await camera.startMasked();
    await camera.run(20);
    camera.street.setConditions({ frozen: 5 });
    await camera.run(20);
    const view = camera.told[0] && readDriftEvent(camera.told[0])?.view;
    expect(view?.width).toBe(64);
    expectMasked(Buffer.from(view?.grey ?? '', 'base64'));
  });

  it('hides masked areas in what is learned, and so in a profile', async () => {
    const camera = new Watched();
    const learned: Thumbnail[] = [];
    await camera.startMasked({
      newLearner: (options) => {
        const learner = camera.ports.newLearner(options);
        const observe = learner.observe.bind(learner);
        learner.observe = (seen, ...rest) => {
          learned.push(seen);
          observe(seen, ...rest);
        };
        return learner;
      },
    });
    camera.sink.configure('front', { learn: { order: 'one', hours: 1 } });
    await camera.run(10);
    expect(learned.length).toBeGreaterThan(10);
    for (const { grey, detail } of learned) {
      expectMasked(grey);
      for (const [cell, value] of detail.entries()) if (cell % 64 < 32) expect(value).toBe(0);
    }
  });

  it('is not checked where the detector makes no thumbnail, and the log says so once', async () => {
    const lines: string[] = [];
    const camera = new Watched();
    camera.sink = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      { ...camera.ports, log: { ...silentLog, warn: (line) => lines.push(line) } },
    );
    for (const sequence of [0, 1]) {
      camera.sink.publish(result(sequence), frameOf(sequence, new Uint8Array(10)));
      await camera.clock.pass(200);
    }
    expect(camera.said).toEqual([]);
    expect(lines).toEqual(['The health of the sensor of this camera is not checked']);
  });

  it('sends the evidence with the alarm, as the protocol has it', async () => {
    const camera = await Watched.start();
    await camera.run(20);
    camera.street.setConditions({ black: 5 });
    await camera.run(20);
    const event = camera.told[0];
    const data = event === undefined ? undefined : readDriftEvent(event);
    expect(data).toMatchObject({
      incident: 1,
      verdict: { kind: 'sensor-fault', detail: 'black' },
      view: { width: 64, height: 36 },
    });
    expect(Buffer.from(data?.view?.grey ?? '', 'base64')).toHaveLength(64 * 36);
  });

  it('is not watched where the settings say so, and the status says why', async () => {
    const camera = await Watched.start();
    camera.sink.configure('front', { watch: false });
    await camera.run(20);
    camera.street.setConditions({ frozen: 5 });
    await camera.run(20);
    expect(camera.said).toEqual([]);
    expect(camera.sink.statuses()).toEqual({
      front: { state: 'off', watched: [], reason: 'Switched off by the settings.', signals: [] },
    });
  });

  it('gets changed local settings, with those of the fleet on top', async () => {
    const camera = await Watched.start();
    camera.sink.rebase('front', { watch: false });
    camera.sink.configure('front', {});
    expect(camera.sink.statuses().front).toMatchObject({ state: 'off' });
    camera.sink.configure('front', { watch: true });
    expect(camera.sink.statuses().front?.state).not.toBe('off');
    camera.sink.rebase('nobody', { watch: false });
    camera.sink.configure('nobody', {});
    expect(Object.keys(camera.sink.statuses())).toEqual(['front']);
  });

  it('is in the status: no profile, the open incident, and readings for the metrics', async () => {
    const camera = await Watched.start();
    let changes = 0;
    camera.sink.onChange(() => changes++);
    await camera.run(20);
    expect(camera.sink.statuses().front).toMatchObject({
      state: 'sensor-only',
      reason: expect.stringMatching(/^There is no reference profile\. Let the device learn one/),
      watched: ['sensor'],
    });
    expect(camera.sink.readings()).toMatchObject([{ camera: 'front', incident: false, score: undefined }]);
    camera.street.setConditions({ frozen: 5 });
    const before = changes;
    await camera.run(20);
    expect(changes).toBeGreaterThan(before);
    expect(camera.sink.statuses().front?.incident).toMatchObject({
      number: 1,
      verdict: { kind: 'sensor-fault', detail: 'frozen' },
    });
    expect(camera.sink.readings()).toMatchObject([{ incident: true, score: 1 }]);
    expect(camera.sink.readings()[0]?.alarms).toEqual([
      { verdict: 'sensor fault: frozen', grade: 'alarm', count: 1 },
    ]);
  });

  it('leaves no timer behind', async () => {
    const camera = await Watched.start();
    await camera.run(2);
    await camera.sink.close();
    await settle();
    expect(camera.clock.pending).toBe(0);
  });
});
