import { describe, expect, it } from 'vitest';
import { HardFrameRecorder } from '../../../../../src/agent/drift/frames/hard-frame-recorder.ts';
import {
  type FramePolicySettings,
  usualFrameSettings,
} from '../../../../../src/agent/drift/frames/policy.ts';
import { type AgentEvent, PrivacyRule, usualPrivacy } from '../../../../../src/agent/index.ts';
import { type Box, defaultCameraSettings, type Frame } from '../../../../../src/perception/index.ts';
import { checkCallResult } from '../../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../../fakes/fake-clock.ts';
import { driftPorts, type FakeFrameStore } from '../../../../fakes/fake-drift.ts';
import { identityOf } from '../../../drift/toy-camera.ts';

const frame: Frame = {
  ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'front', width: 64, height: 36 },
  ...{ encoding: 'rgb8', step: 192, pixels: { data: new Uint8Array(192 * 36), release() {} } },
};
const digest = `sha256:${'a'.repeat(64)}`;

const shadowDigest = `sha256:${'b'.repeat(64)}`;

interface Seen {
  readonly label: string;
  readonly score: number;
}

class Kept {
  readonly clock = new FakeClock();
  readonly told: AgentEvent[] = [];
  readonly hidden: (readonly Box[])[] = [];
  jpegBytes = 1000;
  encodeError: Error | undefined;
  readonly ports = driftPorts(this.clock, this.told, {
    encode: async (_, boxes) => {
      this.hidden.push(boxes);
      if (this.encodeError !== undefined) throw this.encodeError;
      return new Uint8Array(this.jpegBytes);
    },
  });
  keeper!: HardFrameRecorder;
  privacy: PrivacyRule | undefined;

  async start(settings: Partial<FramePolicySettings> = {}): Promise<this> {
    this.keeper = new HardFrameRecorder({
      ...{ ...this.ports, store: this.ports.frames },
      privacy: this.privacy,
    });
    await this.keeper.open();
    this.keeper.configure('front', { ...usualFrameSettings, keep: true, randomPerDay: 0, ...settings });
    return this;
  }

  get store(): FakeFrameStore {
    return this.ports.frames;
  }

  /** One frame every second, with this on it. */
  async run(seconds: number, seen: readonly Seen[] = []): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.keeper.publish(
        {
          ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'front', width: 64, height: 36 },
          ...{ candidates: 1, captureToPublishMs: 1, identity: identityOf(digest) },
          timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
          detections: seen.map(({ label, score }) => ({
            ...{ classId: 0, label, score },
            box: { x1: 10, y1: 10, x2: 20, y2: 20 },
          })),
        },
        frame,
        0.25,
      );
      await settle();
      this.keeper.tick();
      this.clock.advance(1000);
    }
    await settle();
  }

  /** A shadow sees these where the serving model sees those. */
  async disagree(serve: readonly Seen[], shadow: readonly Seen[]): Promise<void> {
    const box = (x: number) => ({ x1: x, y1: 10, x2: x + 10, y2: 20 });
    const boxes = (seen: readonly Seen[], x: number) =>
      seen.map((one) => ({ ...one, classId: 0, box: box(x) }));
    this.keeper.disagree({
      ...{ camera: 'front', node: 'shadow', against: 'detect', frame },
      ...{ serving: identityOf(digest), identity: identityOf(shadowDigest) },
      ...{ serve: boxes(serve, 10), shadow: boxes(shadow, 40) },
    });
    await settle();
  }

  get reasons(): string[] {
    return [...this.store.frames.values()].map(({ frame: { reason } }) => reason);
  }
}

describe('Hard frames', () => {
  it('are not kept unless somebody says so', async () => {
    const kept = await new Kept().start({ keep: false });
    expect(kept.keeper.alarm('front')).toBeUndefined();
    await kept.run(30, [{ label: 'car', score: 0.26 }]);
    expect(kept.hidden).toEqual([]);
    expect(kept.keeper.stats('front')).toBeUndefined();
  });

  it.each([
    ['hide persons where the device says so, whatever the fleet wants', 'blurred' as const, 2],
    ['are none at all where the device lets boxes alone be seen', 'boxes' as const, 0],
  ])('%s', async (_, frames, pictures) => {
    const kept = new Kept();
    kept.privacy = new PrivacyRule({
      cameras: { front: { ...usualPrivacy, frames } },
      settings: () => defaultCameraSettings,
    });
    await kept.start({ blur: false });
    await kept.run(2, [{ label: 'person', score: 0.26 }]);
    expect(kept.hidden.map((boxes) => boxes.length)).toEqual(new Array(pictures).fill(1));
    if (pictures === 0) expect(kept.keeper.alarm('front')).toBeUndefined();
  });

  it('show an alarm from before it and after it, and the alarm names the first after it', async () => {
    const kept = await new Kept().start();
    await kept.run(30);
    const named = kept.keeper.alarm('front');
    await kept.run(15);
    expect(kept.reasons).toEqual(['alarm', 'alarm', 'alarm', 'alarm']);
    const ids = [...kept.store.frames.keys()];
    expect(ids[1]).toBe(named);
    const before = kept.store.frames.get(ids[0]!)!.frame.timeMs;
    expect(before).toBeLessThan(kept.store.frames.get(ids[1]!)!.frame.timeMs);
    expect(kept.keeper.stats('front')).toEqual({ count: 4, bytes: 4000 });
  });

  it('hide persons where the model knows them, and say whom; not where the settings say no', async () => {
    const seen = [
      { label: 'person', score: 0.26 },
      { label: 'car', score: 0.9 },
    ];
    const kept = await new Kept().start();
    await kept.run(1, seen);
    expect(kept.hidden).toEqual([[{ x1: 9, y1: 9, x2: 21, y2: 21 }]]);
    expect([...kept.store.frames.values()][0]?.frame).toMatchObject({
      reason: 'low-margin',
      blurred: ['person'],
      modelDigest: digest,
      detections: [
        { label: 'person', score: 0.26, box: [10, 10, 20, 20] },
        { label: 'car', score: 0.9 },
      ],
    });
    const open = await new Kept().start({ blur: false });
    await open.run(1, seen);
    expect(open.hidden).toEqual([[]]);
  });

  it('leave NaN out of what they say', async () => {
    const kept = await new Kept().start();
    kept.keeper.alarm('front');
    await kept.run(1, [{ label: 'car', score: Number.NaN }]);
    expect([...kept.store.frames.values()][0]?.frame.detections).toEqual([]);
  });

  it('fill the ring and then push the oldest out', async () => {
    const kept = await new Kept().start({ maxBytes: 3500, bytesPerDay: 1e9 });
    await kept.run(600, [{ label: 'car', score: 0.26 }]);
    expect(kept.store.frames.size).toBe(3);
    expect(kept.keeper.stats('front')).toEqual({ count: 3, bytes: 3000 });
    const oldest = Math.min(...[...kept.store.frames.values()].map(({ frame: { timeMs } }) => timeMs));
    expect(oldest).toBeGreaterThanOrEqual(1_790_000_000_000 + 400_000);
  });

  it('stop when the bytes of a day are used up, and keep room for an alarm', async () => {
    const kept = await new Kept().start({ bytesPerDay: 8000 });
    await kept.run(3600, [{ label: 'car', score: 0.26 }]);
    expect(kept.reasons.length).toBeLessThanOrEqual(7);
    const before = kept.reasons.length;
    kept.keeper.alarm('front');
    await kept.run(2);
    expect(kept.reasons.slice(before)).toContain('alarm');
  });

  it('rest when the disk is full, told once, and go on when it has room again', async () => {
    const kept = await new Kept().start();
    kept.store.full = true;
    await kept.run(300, [{ label: 'car', score: 0.26 }]);
    expect(kept.told).toMatchObject([
      {
        kind: 'frames.disk-failed',
        severity: 'error',
        message: 'Hard frames are not kept: No space left. Make room, then try again.',
      },
    ]);
    // It is left alone: no try every minute.
    expect(kept.hidden).toHaveLength(1);
    kept.store.full = false;
    await kept.run(700, [{ label: 'car', score: 0.26 }]);
    expect(kept.told.map(({ kind }) => kind)).toEqual(['frames.disk-failed', 'frames.disk-recovered']);
    expect(kept.store.frames.size).toBeGreaterThan(0);
  });

  it('of an unreadable disk are none, and the fault is reported', async () => {
    const kept = new Kept();
    kept.store.unreadable = true;
    await kept.start();
    await kept.run(60, [{ label: 'car', score: 0.26 }]);
    expect(kept.told.map(({ kind }) => kind)).toEqual(['frames.disk-failed']);
    expect(await kept.keeper.list({ limit: 5 })).toEqual({
      frames: [],
      more: false,
      total: { count: 0, bytes: 0 },
    });
  });

  it('are given up for a camera whose pictures can’t be made', async () => {
    const kept = await new Kept().start();
    kept.encodeError = new Error('nv12');
    await kept.run(300, [{ label: 'car', score: 0.26 }]);
    expect(kept.hidden).toHaveLength(1);
    expect(kept.told).toEqual([]);
  });

  it('are there after a restart, and what they used of the day counts', async () => {
    const kept = await new Kept().start({ bytesPerDay: 8000 });
    await kept.run(3600, [{ label: 'car', score: 0.26 }]);
    const held = kept.store.frames.size;
    await kept.start({ bytesPerDay: 8000 });
    expect(kept.keeper.stats('front')?.count).toBe(held);
    await kept.run(600, [{ label: 'car', score: 0.26 }]);
    expect(kept.store.frames.size).toBeLessThanOrEqual(held + 1);
  });

  it('grow old', async () => {
    const kept = await new Kept().start({ days: 0.1 });
    await kept.run(1, [{ label: 'car', score: 0.26 }]);
    await kept.run(4 * 3600);
    expect(kept.store.frames.size).toBe(0);
  });

  it('grow old also when their camera was removed', async () => {
    const kept = await new Kept().start();
    await kept.run(1, [{ label: 'car', score: 0.26 }]);
    const keeper = new HardFrameRecorder({ ...kept.ports, store: kept.store });
    await keeper.open();
    for (let hour = 0; hour < 31 * 24; hour++) {
      keeper.tick();
      await settle();
      expect(kept.store.frames.size).toBe(hour <= 30 * 24 ? 1 : kept.store.frames.size);
      kept.clock.advance(3_600_000);
    }
    expect(kept.store.frames.size).toBe(0);
  });

  it('are listed and fetched as the protocol has it, piece by piece', async () => {
    const kept = await new Kept().start({ bytesPerDay: 1e9 });
    kept.jpegBytes = 300_000;
    await kept.run(130, [{ label: 'car', score: 0.26 }]);
    const first = checkCallResult('frames', await kept.keeper.list({ limit: 2 }), 't');
    expect(first).toMatchObject({ more: true, total: { count: 3, bytes: 900_000 } });
    const after = first.frames.at(-1)!.id;
    const rest = await kept.keeper.list({ camera: 'front', after, limit: 2 });
    expect(rest).toMatchObject({ frames: [{ camera: 'front' }], more: false });
    const sizes = [];
    for (let offset = 0; offset < 300_000; offset += 131_072) {
      const piece = checkCallResult('frame', await kept.keeper.piece({ id: after, offset }), 't');
      expect(piece.size).toBe(300_000);
      sizes.push(Buffer.from(piece.jpeg, 'base64').length);
    }
    expect(sizes).toEqual([131_072, 131_072, 37_856]);
  });

  it('that are gone are named so', async () => {
    const kept = await new Kept().start();
    await expect(kept.keeper.piece({ id: '1-0', offset: 0 })).rejects.toMatchObject({
      code: 'frame-unknown',
      message: 'This device has no hard frame 1-0.',
    });
    await kept.run(1, [{ label: 'car', score: 0.26 }]);
    kept.store.frames.clear();
    expect(await kept.keeper.list({ limit: 5 })).toMatchObject({ frames: [] });
  });
});

describe('Frames on which a shadow disagrees', () => {
  it('are kept with what both saw, and what either knows of persons is hidden', async () => {
    const kept = await new Kept().start();
    await kept.disagree([{ label: 'car', score: 0.8 }], [{ label: 'person', score: 0.7 }]);
    const [only] = kept.store.frames.values();
    expect(only?.frame).toMatchObject({
      reason: 'low-margin',
      modelDigest: digest,
      blurred: ['person'],
      detections: [{ label: 'car' }],
      shadow: {
        modelDigest: shadowDigest,
        detections: [{ label: 'person', score: 0.7, box: [40, 10, 50, 20] }],
      },
    });
    expect(kept.hidden).toEqual([[{ x1: 39, y1: 9, x2: 51, y2: 21 }]]);
    const listed = await kept.keeper.list({ limit: 5 });
    expect(() => checkCallResult('frames', listed, 't')).not.toThrow();
  });

  it('are one in five minutes, within the bytes of the day', async () => {
    const kept = await new Kept().start({ bytesPerDay: 4000 });
    const often = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        await kept.disagree([{ label: 'car', score: 0.8 }], []);
        kept.clock.advance(60_000);
      }
    };
    await often(10);
    expect(kept.reasons).toEqual(['low-margin', 'low-margin']);
    await often(60);
    expect(kept.reasons).toHaveLength(3);
  });

  it('are none where nobody wants frames, and none where boxes alone may be seen', async () => {
    const off = await new Kept().start({ keep: false });
    await off.disagree([{ label: 'car', score: 0.8 }], []);
    const hidden = new Kept();
    hidden.privacy = new PrivacyRule({
      cameras: { front: { ...usualPrivacy, frames: 'boxes' } },
      settings: () => defaultCameraSettings,
    });
    await hidden.start();
    await hidden.disagree([{ label: 'car', score: 0.8 }], []);
    expect([...off.reasons, ...hidden.reasons]).toEqual([]);
  });
});
