import { beforeEach, describe, expect, it } from 'vitest';
import type { ClipJob, ClipStore } from '../../../../src/agent/clips/index.ts';
import { ClipRecorder } from '../../../../src/agent/clips/index.ts';
import {
  type AgentEvent,
  type CameraPrivacy,
  PrivacyRule,
  usualPrivacy,
} from '../../../../src/agent/index.ts';
import { GoshawkError, silentLog } from '../../../../src/base/index.ts';
import {
  defaultCameraSettings,
  type PacketTaker,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import type { Clip, ClipSettings } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';

class FakeClipStore implements ClipStore {
  readonly clips = new Map<string, Clip>();
  readonly discarded: string[] = [];
  open = async () => [...this.clips.values()];
  draft = (id: string) => `/drafts/${id}`;
  keep = async (clip: Clip) => void this.clips.set(clip.id, clip);
  discard = async (id: string) => void this.discarded.push(id);
  piece = async () => ({ size: 0, data: '' });
  remove = async (id: string) => void this.clips.delete(id);
}

const usual: ClipSettings = {
  ...{ on: ['zone.dwell:gate', 'camera.lost'], before: 2, after: 3, seconds: 20 },
  ring: 'memory',
  ...{ ringBytes: 1e6, maxBytes: 1e6, bytesPerDay: 1e6, days: 7 },
};

describe('The recorder of clips', () => {
  let clock: FakeClock;
  let store: FakeClipStore;
  let events: AgentEvent[];
  let jobs: ClipJob[];
  let bytes: number;
  let failure: GoshawkError | undefined;
  let recorder: ClipRecorder;
  let taker: PacketTaker;

  const ports = () => ({
    ...{ clock, log: silentLog, store, reportEvent: (event: AgentEvent) => void events.push(event) },
    write: async (_: string, job: ClipJob) => {
      jobs.push(job);
      if (failure !== undefined) throw failure;
      return { durationMs: 5_000, codec: 'h264' as const, width: 640, height: 360, bytes, encoded: false };
    },
  });

  async function open(
    settings: Partial<ClipSettings> = {},
    privacy: Partial<CameraPrivacy> = { clips: 'plain' },
  ) {
    const cameras = { front: { ...usualPrivacy, ...privacy } };
    recorder = new ClipRecorder(
      { front: { ...usual, ...settings } },
      { ...ports(), privacy: new PrivacyRule({ cameras, settings: () => defaultCameraSettings }) },
    );
    await recorder.open();
    taker = recorder.packets('front')!();
  }

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeClipStore();
    events = [];
    jobs = [];
    bytes = 1_000;
    failure = undefined;
  });

  /** The camera runs, ten frames a second, and a model looks at each. */
  async function pass(
    seconds: number,
    labels: readonly string[] = ['person'],
    rules?: PerceptionResult['rules'],
  ) {
    for (let i = 0; i < seconds * 10; i++) {
      await clock.pass(100);
      const stampNs = clock.wallNs();
      const timeNs = stampNs - 1_000_000_000n;
      const packet = { codec: 'h264', bytes: new Uint8Array(10), timeNs, parameters: '' } as const;
      taker.packet({ ...packet, keyframe: i % 10 === 0 });
      taker.frame(timeNs, stampNs);
      recorder.publish({
        ...{ camera: 'front', stampNs, width: 100, height: 100, detections: [], rules },
        identity: { task: 'detection', labels },
      } as unknown as PerceptionResult);
    }
    await settle();
  }
  const dwell = (zone: string) =>
    ({ events: [{ kind: 'dwell', zone }], zones: [], lines: [] }) as unknown as PerceptionResult['rules'];
  const told = (kind: string) => events.filter((event) => event.kind === kind);

  it('makes a clip of an event that the settings name, from before it until after it', async () => {
    await open();
    await pass(5);
    await pass(0.1, undefined, dwell('gate'));
    await pass(2);
    expect(jobs).toEqual([]);
    await pass(2);
    expect(jobs).toHaveLength(1);
    const { firstNs, lastNs } = jobs[0]!.parts[0]!;
    const seconds = Number(lastNs - firstNs) / 1e9;
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(seconds).toBeLessThanOrEqual(6);
    expect([...store.clips.values()]).toMatchObject([{ camera: 'front', reasons: ['zone.dwell'], gaps: 0 }]);
    expect(told('clip.recorded')).toHaveLength(1);
  });

  it('makes none of another zone, nor of what it tells itself', async () => {
    await open({ on: ['zone.dwell:gate', 'clip.recorded'] });
    await pass(1, undefined, dwell('yard'));
    recorder.event({ kind: 'clip.recorded', camera: 'front' });
    await pass(6);
    expect(jobs).toEqual([]);
  });

  it('goes on with a clip for the next event, and begins another where it would be too long', async () => {
    await open({ seconds: 10 });
    await pass(3);
    recorder.event({ kind: 'camera.lost', camera: 'front' });
    await pass(2);
    const asked = recorder.record({ camera: 'front' });
    await pass(2);
    expect(recorder.record({ camera: 'front', after: 8 }).id).not.toBe(asked.id);
    await pass(12);
    expect([...store.clips.values()].map(({ reasons }) => reasons)).toEqual([
      ['camera.lost', 'call'],
      ['call'],
    ]);
  });

  it('cuts with what there is where the camera gives nothing more', async () => {
    await open();
    await pass(3);
    recorder.event({ kind: 'camera.lost', camera: 'front' });
    await clock.pass(10_000);
    await settle();
    expect(store.clips.size).toBe(1);
  });

  it('says that there is nothing of that time', async () => {
    await open();
    recorder.record({ camera: 'front' });
    await clock.pass(10_000);
    await settle();
    expect(told('clip.failed')).toMatchObject([{ camera: 'front', data: { code: 'clip-empty' } }]);
  });

  it('makes none where persons can’t be hidden, and hides them where they can', async () => {
    await open({}, {});
    await pass(3, ['car']);
    recorder.record({ camera: 'front' });
    await pass(5, ['car']);
    expect(told('clip.failed')).toMatchObject([{ data: { code: 'clip-private' } }]);
    await pass(20);
    recorder.record({ camera: 'front' });
    await pass(5);
    expect(jobs.at(-1)?.hide).toMatchObject({ blurred: true });
    expect(jobs.at(-1)?.parts[0]?.moments.length).toBeGreaterThan(30);
    expect([...store.clips.values()]).toMatchObject([{ blurred: true }]);
  });

  it('hides what is masked also where the rest is plain', async () => {
    const masks = [
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    ] as const;
    await open({}, { clips: 'plain', masks });
    await pass(3);
    recorder.record({ camera: 'front' });
    await pass(5);
    expect(jobs[0]?.hide).toEqual({ blurred: false, masks });
  });

  it('makes room for a new clip, and keeps none that has no room at all', async () => {
    await open({ maxBytes: 2_500 });
    for (let i = 0; i < 4; i++) {
      recorder.record({ camera: 'front', before: 1, after: 1 });
      await pass(3);
    }
    expect(store.clips.size).toBe(2);
    expect(recorder.list({ limit: 10 }).total).toEqual({ count: 2, bytes: 2_000 });
    bytes = 3_000;
    recorder.record({ camera: 'front', before: 1, after: 1 });
    await pass(3);
    expect(told('clip.failed').at(-1)).toMatchObject({ data: { code: 'clip-too-large' } });
    expect(store.clips.size).toBe(2);
    expect(store.discarded).toHaveLength(1);
  });

  it('writes no more in a day than it may', async () => {
    await open({ bytesPerDay: 2_100 });
    for (let i = 0; i < 4; i++) {
      recorder.record({ camera: 'front', before: 1, after: 1 });
      await pass(3);
    }
    expect(told('clip.failed').map(({ data }) => data?.code)).toEqual(['clip-wear', 'clip-wear']);
    expect(recorder.readings()).toMatchObject([{ count: 2, writtenBytes: 2_000, failed: 2 }]);
  });

  it('leaves nothing of a clip that could not be written, and makes the next', async () => {
    await open();
    failure = new GoshawkError('clip-disk-full', 'The disk is full.', 'Make room.');
    recorder.record({ camera: 'front', before: 1, after: 1 });
    await pass(3);
    expect(told('clip.failed')).toMatchObject([{ data: { code: 'clip-disk-full' } }]);
    expect(store.discarded).toHaveLength(1);
    failure = undefined;
    recorder.record({ camera: 'front', before: 1, after: 1 });
    await pass(3);
    expect(store.clips.size).toBe(1);
  });

  it('tells of the same trouble once in ten minutes, and always who asked', async () => {
    await open({}, { clips: 'boxes' });
    for (let i = 0; i < 3; i++) {
      recorder.event({ kind: 'camera.lost', camera: 'front' });
      await pass(8);
    }
    expect(told('clip.failed')).toHaveLength(1);
    expect(recorder.readings()).toMatchObject([{ failed: 3 }]);
    recorder.record({ camera: 'front' });
    await pass(10);
    expect(told('clip.failed')).toHaveLength(2);
  });

  it('keeps what there was of a clip that is asked for while its camera is removed', async () => {
    await open();
    await pass(5);
    const { id } = recorder.record({ camera: 'front', after: 8 });
    await pass(1);
    // The agent ends to work without the camera.
    await recorder.close();
    expect([...store.clips.keys()]).toEqual([id]);
    const { firstNs, lastNs } = jobs[0]!.parts[0]!;
    expect(Number(lastNs - firstNs) / 1e9).toBeLessThan(5);

    const without = new ClipRecorder(
      {},
      { ...ports(), privacy: new PrivacyRule({ cameras: {}, settings: () => defaultCameraSettings }) },
    );
    await without.open();
    expect(() => without.record({ camera: 'front' })).toThrow(expect.objectContaining({ code: 'clips-off' }));
    expect(without.list({ limit: 10 }).clips.map((clip) => clip.id)).toEqual([id]);
    await expect(without.piece({ id, offset: 0 })).resolves.toBeDefined();
    for (let hour = 0; hour < 13 * 24; hour++) await clock.pass(3_600_000);
    expect(store.clips.size).toBe(1);
    for (let hour = 0; hour < 2 * 24; hour++) await clock.pass(3_600_000);
    await without.close();
    expect(store.clips.size).toBe(0);
  });

  it('refuses a camera of which none are kept', async () => {
    await open();
    expect(() => recorder.record({ camera: 'rear' })).toThrow(expect.objectContaining({ code: 'clips-off' }));
    await expect(recorder.piece({ id: '7-0', offset: 0 })).rejects.toMatchObject({ code: 'clip-unknown' });
  });
});
