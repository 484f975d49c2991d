import { describe, expect, it } from 'vitest';
import {
  type Disagreement,
  type NodeSettings,
  Pipeline,
  type PipelineEvent,
  type PipelineOptions,
} from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

const size = { width: 200, height: 100, step: 200 };
const detect: NodeSettings = { name: 'detect' };
const plates: NodeSettings = { name: 'plates', slot: 'plates', input: { node: 'detect', classes: ['car'] } };
const colour: NodeSettings = { name: 'colour', slot: 'colour', input: { node: 'detect' } };

async function setUp(
  nodes: readonly NodeSettings[],
  over: Partial<PipelineOptions> = {},
  policy: 'newest' | 'every' = 'newest',
) {
  const pool = new FramePool();
  const clock = new FakeClock();
  const slots = {
    main: new FakeDetector('main'),
    plates: new FakeDetector('plates', 1, { labels: ['plate'] }),
    colour: new FakeDetector('colour', 1, { labels: ['red', 'blue'], task: 'classification' }),
    next: new FakeDetector('next'),
  };
  const sink = Object.assign(new FakeSink(), { nodes: 'all' as const });
  const mainSink = new FakeSink();
  const events: PipelineEvent[] = [];
  const pipeline = new Pipeline({
    slots: new Map(Object.entries(slots)),
    sinks: [sink, mainSink],
    ...{ clock, tracker: false, parallel: 4, timeoutMs: 1000 },
    onEvent: (event) => events.push(event),
    ...over,
  });
  const source = new FakeSource('front');
  await pipeline.add(source, { settings: { nodes }, policy });
  await pipeline.start();
  const send = async (light = 0) => {
    // Its upper half.
    const data = new Uint8Array(size.step * size.height).fill(light, 0, (size.step * size.height) / 2);
    const frame = pool.frame('front', { stampNs: clock.wallNs(), ...size });
    void source.receiver!.frame({ ...frame, pixels: { data, release: () => frame.pixels.release() } });
    await settle();
    return frame;
  };
  const node = (name: string) => pipeline.stats().nodes.find(({ node }) => node === name)!;
  const faults = () =>
    events.flatMap((event) => (event.kind === 'fault' ? [[event.node, event.error.code]] : []));
  return { pool, clock, ...slots, sink, mainSink, events, faults, pipeline, send, node };
}

const plate = (x: number) => ({
  classId: 0,
  label: 'plate',
  score: 0.8,
  box: { x1: x, y1: 2, x2: x + 4, y2: 6 },
});
const red = { classId: 0, label: 'red', score: 0.7, box: { x1: 0, y1: 0, x2: 10, y2: 10 } };

describe('a graph at work', () => {
  it('puts what is found in a box into the result of the frame, and publishes it once', async () => {
    const {
      main,
      plates: second,
      colour: classifier,
      sink,
      send,
      pool,
      node,
    } = await setUp([detect, plates, colour]);
    await send();
    const person = car(150, { label: 'person', classId: 1, score: 0.5 });
    main.open[0]!.answer([car(40), person]);
    await settle();
    // The car alone for the plates, both for the colours; even corners around each box.
    expect(second.open.map(({ frame: { width, height } }) => [width, height])).toEqual([[20, 20]]);
    expect(sink.results).toEqual([]);
    second.open[0]!.answer([plate(3)]);
    await settle();
    classifier.open[0]!.answer([red]);
    await settle();
    classifier.open[0]!.answer([]);
    await settle();
    expect(sink.results).toMatchObject([
      {
        node: 'detect',
        slot: 'main',
        detections: [
          {
            ...car(40),
            attributes: [{ node: 'colour', label: 'red', score: 0.7 }],
            children: [{ node: 'plates', label: 'plate', box: { x1: 43, y1: 12, x2: 47, y2: 16 } }],
          },
          { label: 'person' },
        ],
      },
    ]);
    expect(sink.results[0]!.detections[1]).not.toHaveProperty('attributes');
    expect(node('colour')).toMatchObject({ crops: 2, frames: { received: 1, processed: 1 } });
    expect(pool.everyOnce).toBe(true);
  });

  it('runs on objects that were found inside other objects', async () => {
    const read: NodeSettings = { name: 'read', slot: 'colour', input: { node: 'plates', expand: 1 } };
    const { main, plates: second, colour: classifier, sink, send } = await setUp([detect, plates, read]);
    await send();
    main.open[0]!.answer([car(40)]);
    await settle();
    second.open[0]!.answer([plate(3)]);
    await settle();
    expect(classifier.open[0]!.frame).toMatchObject({ width: 14, height: 12 });
    classifier.open[0]!.answer([red]);
    await settle();
    expect(sink.results[0]!.detections[0]!.children).toMatchObject([
      { node: 'plates', attributes: [{ node: 'read', label: 'red' }] },
    ]);
  });

  it('publishes frames in their order, though a later one is done first', async () => {
    const { main, plates: second, sink, send, pool } = await setUp([detect, plates], {}, 'every');
    await send();
    main.open[0]!.answer([car(40)]);
    await send();
    main.open[0]!.answer([]);
    await settle();
    expect(sink.results).toEqual([]);
    second.open[0]!.answer([]);
    await settle();
    expect(sink.results.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(pool.everyOnce).toBe(true);
  });

  it('publishes a frame without what a later node could not say, and names the node', async () => {
    const {
      main,
      plates: second,
      sink,
      send,
      faults,
      pool,
      events,
      pipeline,
    } = await setUp([detect, plates]);
    await send();
    main.open[0]!.answer([car(40)]);
    await settle();
    second.open[0]!.fail(new Error('broken'));
    await settle();
    expect(sink.results).toMatchObject([{ detections: [car(40)] }]);
    expect(faults()).toEqual([['plates', 'inference-failed']]);
    expect(pipeline.stats().cameras[0]!.fault).toMatch(/broken/);
    await send();
    main.open[0]!.answer([car(40)]);
    await settle();
    second.open[0]!.answer([]);
    await settle();
    expect(events.filter(({ kind }) => kind === 'recovered')).toEqual([
      { kind: 'recovered', camera: 'front', node: 'plates' },
    ]);
    expect(pool.everyOnce).toBe(true);
  });

  it('finishes what was begun before it takes a new frame', async () => {
    const { main, plates: second, send } = await setUp([detect, plates], { parallel: 1 });
    await send();
    await send();
    main.open[0]!.answer([car(40)]);
    await settle();
    expect([main.open.length, second.open.length]).toEqual([0, 1]);
    second.open[0]!.answer([]);
    await settle();
    expect([main.open.length, second.open.length]).toEqual([1, 0]);
  });

  it('skips a frame in which there is nothing to cut out, and one that is not its turn', async () => {
    const { main, sink, send, node } = await setUp([detect, { ...plates, every: 2 }]);
    for (let i = 0; i < 3; i++) {
      await send();
      main.open[0]!.answer([]);
      await settle();
    }
    expect(sink.results).toHaveLength(3);
    expect(node('plates').frames).toMatchObject({
      received: 3,
      skipped: { empty: 2, every: 1 },
      processed: 0,
    });
  });

  it('runs several nodes on frames, each with its rate, and shows the further ones only to sinks that want them', async () => {
    const faces: NodeSettings = { name: 'faces', slot: 'next', every: 3 };
    const { main, next, sink, mainSink, send, pool, node, pipeline } = await setUp([detect, faces]);
    for (let i = 0; i < 4; i++) {
      await send();
      main.open[0]!.answer([car(10)]);
      next.open[0]?.answer([]);
      await settle();
    }
    expect(sink.results.map(({ node }) => node)).toEqual([
      'detect',
      'faces',
      'detect',
      'detect',
      'detect',
      'faces',
    ]);
    expect(mainSink.results.map(({ node }) => node)).toEqual(['detect', 'detect', 'detect', 'detect']);
    // They say so themselves, to a sink that takes all.
    expect(sink.results.map(({ node, further = false }) => further === (node === 'faces'))).not.toContain(
      false,
    );
    expect(node('faces').frames).toMatchObject({ received: 4, processed: 2, skipped: { every: 2 } });
    expect(pipeline.stats().cameras[0]!.frames).toMatchObject({ received: 4, processed: 4 });
    expect(pool.everyOnce).toBe(true);
  });

  it('looks only when something moves, where a node is told so', async () => {
    const { main, send, node } = await setUp([{ ...detect, onMotion: true }]);
    await send();
    main.open[0]!.answer([]);
    await send();
    expect(main.open).toHaveLength(0);
    expect(node('detect').frames.skipped.motion).toBe(1);
    await send(200);
    expect(main.open).toHaveLength(1);
    expect(node('detect').frames).toMatchObject({ received: 3, processed: 1, inFlight: 1 });
  });

  it('says once that a model is not there, skips its node, and goes on when it comes', async () => {
    const { main, next, sink, send, faults, pipeline, node, plates: second } = await setUp([detect, plates]);
    await pipeline.removeSlot('plates');
    for (let i = 0; i < 3; i++) {
      await send();
      main.open[0]!.answer([car(40)]);
      await settle();
    }
    expect(sink.results).toHaveLength(3);
    expect(faults()).toEqual([['plates', 'slot-unknown']]);
    expect(node('plates').frames.skipped.slot).toBe(3);
    pipeline.addSlot('plates', next);
    await send();
    main.open[0]!.answer([car(40)]);
    await settle();
    expect([next.open.length, second.open.length]).toEqual([1, 0]);
  });

  it.each<[string, NodeSettings]>([
    ['of which the model has none', { ...plates, input: { node: 'detect', classes: ['unicorn'] } }],
    ['out of what a classifier says', { name: 'x', slot: 'plates', input: { node: 'colour' } }],
  ])('says that it can cut nothing out: %s', async (_, node) => {
    const { faults, pipeline } = await setUp([detect, colour, node]);
    expect(faults()).toEqual([[node.name, 'crop-classes']]);
    // Told once, and there to be seen for as long as it is so.
    const problems = () => pipeline.stats().cameras[0]?.problems;
    expect(problems()).toMatchObject([{ node: node.name, what: expect.stringContaining('cuts out') }]);
    pipeline.configure('front', { nodes: [detect, colour] });
    expect(problems()).toBeUndefined();
  });

  it('takes another graph while it runs; counts and tracks go on, frames under way come out first', async () => {
    const { main, plates: second, sink, send, pipeline, node, pool } = await setUp([detect]);
    await send();
    pipeline.configure('front', { nodes: [detect, plates] });
    await send();
    expect(main.open).toHaveLength(1);
    expect(node('detect').frames).toMatchObject({ received: 2, inFlight: 1, waiting: 1 });
    expect(() => pipeline.configure('front', { nodes: [] })).toThrow(
      expect.objectContaining({ code: 'graph-size' }),
    );
    main.open[0]!.answer([car(40)]);
    await settle();
    expect(sink.results).toHaveLength(1);
    main.open[0]!.answer([car(40)]);
    await settle();
    second.open[0]!.answer([]);
    await settle();
    expect(sink.results.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(node('detect').frames).toMatchObject({ received: 2, processed: 2, inFlight: 0 });
    expect(pool.everyOnce).toBe(true);
  });
});

describe('a shadow', () => {
  const shadow: NodeSettings = { name: 'next', slot: 'next', role: 'shadow', budget: 1 };

  it('is compared with the serving model on the same frame, and reaches no sink', async () => {
    const told: Disagreement[] = [];
    const { main, next, sink, send, node, pool } = await setUp([detect, shadow], {
      onDisagreement: (disagreement) => told.push(disagreement),
    });
    for (const seen of [[car(10)], [car(10), car(100)]]) {
      await send();
      main.open[0]!.answer([car(10)]);
      await settle();
      next.open[0]!.answer(seen);
      await settle();
    }
    expect(sink.results.map(({ node }) => node)).toEqual(['detect', 'detect']);
    expect(node('next').agreement).toMatchObject({
      against: 'detect',
      frames: 2,
      precision: 2 / 3,
      recall: 1,
    });
    expect(told).toMatchObject([
      { camera: 'front', node: 'next', frame: { sequence: 1 }, shadow: [car(10), car(100)] },
    ]);
    expect(pool.everyOnce).toBe(true);
  });

  it('waits while anything else does', async () => {
    const { main, next, send, node } = await setUp([detect, shadow], { parallel: 1 });
    await send();
    await send();
    main.open[0]!.answer([]);
    await settle();
    expect([main.open.length, next.open.length]).toEqual([1, 0]);
    main.open[0]!.answer([]);
    await settle();
    expect(next.open.map(({ frame }) => frame.sequence)).toEqual([1]);
    expect(node('next').frames).toMatchObject({ received: 2, superseded: 1, inFlight: 1 });
  });

  it('keeps to its share of the time', async () => {
    const { main, next, send, node, clock } = await setUp([detect, { ...shadow, budget: 0.1 }]);
    for (let frame = 0; frame < 20; frame++) {
      await send();
      main.open[0]!.answer([]);
      await clock.pass(50);
      next.open[0]?.answer([]);
      await clock.pass(50);
    }
    // 50 ms of every 500.
    expect(node('next').frames).toMatchObject({ received: 20, processed: 4, skipped: { budget: 16 } });
  });

  it('begins anew when one of the two models is another one', async () => {
    const { main, next, send, node, pipeline } = await setUp([detect, shadow]);
    const round = async () => {
      await send();
      (pipeline.identity.model === 'main' ? main : better).open[0]!.answer([]);
      await settle();
      next.open[0]!.answer([]);
      await settle();
    };
    const better = new FakeDetector('better', 1, { digest: `sha256:${'b'.repeat(64)}` });
    await round();
    await round();
    expect(node('next').agreement?.frames).toBe(2);
    await pipeline.swap(better);
    await round();
    expect(node('next').agreement?.frames).toBe(1);
  });

  describe('with a node that re-identifies', () => {
    const who: NodeSettings = { name: 'who', slot: 'who', input: { node: 'detect' }, reid: {} };
    const vector = (...values: number[]) => ({
      ...{ classId: 0, label: 'embedding', score: 1, box: { x1: 0, y1: 0, x2: 1, y2: 1 } },
      embedding: Float32Array.from(values),
    });
    const withWho = () => {
      const reid = new FakeDetector('who', 1, { labels: ['embedding'], task: 'embedding' });
      const slots = new Map([
        ['main', new FakeDetector('main')],
        ['who', reid],
      ]);
      return { reid, main: slots.get('main')!, over: { slots, tracker: {} } };
    };

    it('tracks when it is known how they look: an id that was lost comes back elsewhere, with its identity', async () => {
      const { reid, main, over } = withWho();
      const { send, sink, clock } = await setUp([detect, who], over);
      const see = async (x: number, ...values: number[]) => {
        await send();
        main.open.at(-1)!.answer([car(x)]);
        await settle();
        reid.open.at(-1)!.answer([vector(...values)]);
        await settle();
        clock.advance(100);
        return sink.results.at(-1)!.detections[0]!;
      };
      await see(20, 1, 0);
      const before = await see(21, 1, 0.1);
      expect(before).toMatchObject({ trackId: 1, identity: 1, embeddings: [{ node: 'who' }] });
      clock.advance(5000);
      expect(await see(150, 1, 0.05)).toMatchObject({ trackId: 1, identity: 1 });
      clock.advance(5000);
      await see(20, 0, 1);
      expect(await see(20, 0, 1)).toMatchObject({ trackId: 2, identity: 2 });
    });

    it('publishes frames whose looks are missing, in their order, with tracks by motion alone', async () => {
      const { reid, main, over } = withWho();
      const { send, sink, faults } = await setUp([detect, who], over);
      for (const x of [20, 22, 24]) {
        await send();
        main.open.at(-1)!.answer([car(x)]);
        await settle();
        reid.open.at(-1)!.fail(new Error('no memory'));
        await settle();
      }
      expect(sink.results.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
      expect(sink.results.at(-1)!.detections[0]).toMatchObject({ trackId: 1 });
      expect(sink.results.at(-1)!.detections[0]).not.toHaveProperty('identity');
      expect(faults().map(([node]) => node)).toContain('who');
    });
  });
});
