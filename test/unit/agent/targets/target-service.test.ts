import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentEvent,
  type BoardReadings,
  type LadderStep,
  TargetService,
} from '../../../../src/agent/index.ts';
import type { VariantHost } from '../../../../src/agent/targets/variant-steps.ts';
import type { GraphOverlay, PerceptionResult, Thinning } from '../../../../src/perception/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { statsOf } from '../../../fakes/fake-pipeline.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

/** A pipeline that publishes what its engine can, of a camera that gives 30 frames a second. */
class SlowPipeline {
  readonly cameras = ['front'];
  readonly thinned: (Thinning | undefined)[] = [];
  readonly overlays: (GraphOverlay | undefined)[] = [];
  readonly slots = new Map<string, object>([['main', {}]]);
  received = 0;
  leftOut = 0;

  stats() {
    const stats = statsOf({ received: this.received });
    const front = stats.cameras[0]!;
    return {
      ...stats,
      cameras: [
        {
          ...front,
          frames: { ...front.frames, skipped: { ...front.frames.skipped, thinned: this.leftOut } },
        },
      ],
    };
  }

  identities() {
    return this.slots;
  }

  overlay(_: string, overlay: GraphOverlay | undefined): void {
    this.overlays.push(overlay);
  }

  thin(_: string, thinning: Thinning | undefined): void {
    this.thinned.push(thinning);
  }
}

describe('The service for targets', () => {
  let clock: FakeClock;
  let pipeline: SlowPipeline;
  let events: AgentEvent[];
  let board: BoardReadings;
  let service: TargetService;
  let variants: VariantHost;
  /** Objects in the zones of the camera. */
  let inside: Readonly<Record<string, number>>;

  const start = (steps: readonly LadderStep[], promise: object = { targetFps: 15 }) => {
    service = new TargetService(
      {
        promises: new Map([['front', promise]]),
        ...{ steps, hotCelsius: 85, marginCelsius: 8, capacity: 1 },
        ...{ pressedMs: 15_000, relievedMs: 60_000, settleMs: 10_000 },
      },
      {
        ...{ clock, log: new RecordingLog(), reportEvent: (event) => events.push(event) },
        pipeline: () => pipeline as never,
        board: async () => board,
        othersShare: () => undefined,
        variants,
      },
    );
  };

  /** So many seconds in which the engine publishes so many frames of 30, each after so many milliseconds. */
  const live = async (seconds: number, fps: number, latencyMs = 40, detectorMs = 20) => {
    for (let second = 0; second < seconds; second++) {
      pipeline.received += 30;
      for (let i = 0; i < fps; i++)
        service.sink.publish(
          {
            camera: 'front',
            captureToPublishMs: latencyMs,
            timings: { preprocessMs: 0, inferMs: detectorMs, postprocessMs: 0 },
            rules: { zones: Object.entries(inside).map(([name, count]) => ({ name, inside: count })) },
          } as unknown as PerceptionResult,
          {} as never,
        );
      await clock.pass(1000);
    }
  };
  const kinds = () => events.map(({ kind }) => kind);

  beforeEach(() => {
    clock = new FakeClock();
    pipeline = new SlowPipeline();
    inside = {};
    events = [];
    variants = { lighter: () => undefined, change: async () => false };
    board = { temperatures: [{ zone: 'tj', celsius: 50 }], power: [] };
  });

  it('tells a miss that lasts, with its reason, and its end; a moment is not told', async () => {
    start([]);
    await live(20, 30);
    await live(5, 5);
    await live(20, 30);
    expect(events).toEqual([]);
    await live(30, 10, 40, 100);
    expect(events).toMatchObject([
      { kind: 'target.missed', severity: 'warning', camera: 'front', data: { reason: 'engine' } },
      { kind: 'ladder.bottom', severity: 'error' },
    ]);
    expect(events[0]?.message).toBe(
      'The target is missed, 10 of 15 frames/s: the engine is too slow, 100 ms a frame.',
    );
    expect(service.readings()).toMatchObject([
      { camera: 'front', targetFps: 15, kept: false, missed: { reason: 'engine' } },
    ]);
    await live(40, 30);
    expect(kinds()).toEqual(['target.missed', 'ladder.bottom', 'target.kept']);
    expect(service.readings()[0]).not.toHaveProperty('missed');
    expect(service.readings()[0]?.missedSeconds).toEqual([{ reason: 'engine', seconds: 35 }]);
  });

  it('of a promise with a zone counts time in which an object is inside, and names a zone that is not there', async () => {
    start([], { targetFps: 15, zone: 'gate' });
    inside = { gate: 0 };
    await live(60, 10);
    expect(service.readings()).toMatchObject([{ zone: 'gate', keptSeconds: 0, missedSeconds: [] }]);
    expect(service.readings()[0]).not.toHaveProperty('kept');
    inside = { gate: 1 };
    await live(10, 30);
    expect(service.readings()).toMatchObject([{ kept: true, keptSeconds: 10 }]);
    expect(events).toEqual([]);
    inside = { yard: 0 };
    await live(30, 10, 40, 100);
    expect(kinds()).toEqual(['target.zone-unknown', 'target.missed', 'ladder.bottom']);
    expect(events[0]?.message).toContain('Its zones are yard.');
  });

  it('takes a step under pressure, tells the pipeline and the fleet, and undoes it when there is room', async () => {
    start(
      [
        { step: 'every', frames: 2 },
        { step: 'preview', maxFps: 1 },
      ],
      { maxLatencyMs: 100 },
    );
    await live(10, 30);
    await live(20, 15, 200);
    expect(pipeline.thinned).toEqual([{ every: 2 }]);
    expect(service.ladder).toEqual({ level: 1, steps: 2, taken: ['one frame in 2 of every camera'] });
    expect(service.previewFps('front')).toBeUndefined();
    await live(40, 15, 200);
    expect(service.previewFps('front')).toBe(1);
    await live(300, 15, 40);
    expect(service.ladder.level).toBe(0);
    expect(pipeline.thinned.at(-1)).toBeUndefined();
    expect(kinds().filter((kind) => kind.startsWith('ladder'))).toEqual([
      'ladder.down',
      'ladder.down',
      'ladder.up',
      'ladder.up',
    ]);
  });

  it('takes a step before a hot board slows down, and says when it does', async () => {
    start([{ step: 'pace' }]);
    await live(10, 30);
    board = { ...board, temperatures: [{ zone: 'tj', celsius: 86 }], slowedBy: [] };
    await live(30, 30);
    expect(kinds()).toEqual(['ladder.down']);
    expect(pipeline.thinned).toEqual([{ maxFps: 15 }]);
    board = { ...board, slowedBy: ['gpu-throttle-alert'] };
    await live(20, 15);
    board = { ...board, slowedBy: [] };
    await live(90, 15);
    expect(kinds()).toEqual(['ladder.down', 'board.slowed', 'ladder.bottom', 'board.full-speed']);
  });

  it('moves cameras to the slot of its step while it is loaded, and no camera to one that is not', async () => {
    start([
      { step: 'slot', slot: 'light' },
      { step: 'nodes', without: ['plate'] },
    ]);
    await live(40, 5);
    expect(pipeline.overlays).toEqual([]);
    pipeline.slots.set('light', {});
    await live(5, 5);
    expect(pipeline.overlays).toEqual([{ slots: { main: 'light' } }]);
    await live(20, 5);
    expect(pipeline.overlays.at(-1)).toEqual({ slots: { main: 'light' }, without: ['plate'] });
    pipeline.slots.delete('light');
    await live(5, 16, 40, 5);
    expect(pipeline.overlays.at(-1)).toEqual({ without: ['plate'] });
    await live(600, 16, 40, 5);
    expect(pipeline.overlays.at(-1)).toBeUndefined();
    expect(service.ladder.level).toBe(0);
  });

  it('leaves a camera out for its step, judges it no more, and takes all frames again when it is closed', async () => {
    start([{ step: 'off', cameras: ['front'] }]);
    await live(40, 5);
    expect(pipeline.thinned).toEqual([{ none: true }]);
    expect(service.readings()).toMatchObject([{ camera: 'front', leftOut: true }]);
    service.close();
    expect(pipeline.thinned.at(-1)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('runs a lighter variant while its step is taken', async () => {
    const asked: unknown[] = [];
    let lighter: 'qdq-u8' | undefined;
    variants = {
      lighter: () => lighter,
      change: async (slot, request) => {
        asked.push([slot, request]);
        lighter = request === undefined ? undefined : 'qdq-u8';
        return true;
      },
    };
    start([{ step: 'variant' }]);
    await live(40, 5, 40, 150);
    expect(asked).toEqual([['main', { thanMs: 150 }]]);
    expect(service.ladder.taken).toEqual(['the lightest variant in the slot main']);
    await live(600, 16, 40, 5);
    expect(asked.at(-1)).toEqual(['main', undefined]);
    expect(kinds().filter((kind) => kind === 'ladder.variant')).toHaveLength(2);
  });

  it('goes on with a board that hangs or fails', async () => {
    start([]);
    board = new Proxy(board, {
      get: () => {
        throw new Error('no sensor');
      },
    });
    await live(60, 5);
    expect(kinds()).toContain('target.missed');
  });
});
