import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NodeSettings, Pipeline } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

const full: readonly NodeSettings[] = [
  { name: 'detect' },
  { name: 'faces', slot: 'b', every: 2, deadlineMs: 100, weight: 2 },
  { name: 'plates', slot: 'b', input: { node: 'detect', classes: ['car'] } },
  { name: 'colour', slot: 'c', input: { node: 'plates' } },
  { name: 'next', slot: 'c', role: 'shadow', budget: 0.5 },
];
const graphs = [full, full.slice(0, 3), [full[0]!], [full[1]!, { name: 'detect', slot: 'c' }]];

type Step =
  | { readonly do: 'frame' | 'toggle'; readonly camera: number }
  | { readonly do: 'answer' | 'reject'; readonly index: number; readonly boxes: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'swap' | 'remove' | 'add'; readonly slot: number }
  | { readonly do: 'graph'; readonly camera: number; readonly graph: number };

const some = <K extends string>(kind: K) => fc.constant(kind);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: some('frame'), camera: fc.nat(1) }) },
    { weight: 14, arbitrary: fc.record({ do: some('answer'), index: fc.nat(5), boxes: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: some('reject'), index: fc.nat(5), boxes: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: some('toggle'), camera: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ do: some('pass'), ms: fc.constantFrom(10, 600, 1000) }) },
    { weight: 1, arbitrary: fc.record({ do: some('swap'), slot: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: some('remove'), slot: fc.integer({ min: 1, max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ do: some('add'), slot: fc.integer({ min: 1, max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ do: some('graph'), camera: fc.nat(1), graph: fc.nat(3) }) },
  ),
  { minLength: 30, maxLength: 70 },
);

const slotNames = ['main', 'b', 'c'] as const;

describe('the graphs of several cameras', () => {
  it('account for every frame of every node, give each back once, and publish in order, whatever happens', async () => {
    let published = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (list, capacity) => {
        const pool = new FramePool();
        const clock = new FakeClock();
        const detectors: FakeDetector[] = [];
        const fresh = (slot: string) => {
          const detector = new FakeDetector(
            slot,
            capacity,
            slot === 'c'
              ? { task: 'classification' }
              : { digest: `sha256:${String(detectors.length).padStart(64, '0')}` },
          );
          detectors.push(detector);
          return detector;
        };
        const sink = Object.assign(new FakeSink(), { nodes: 'all' as const });
        const pipeline = new Pipeline({
          slots: new Map(slotNames.map((slot) => [slot, fresh(slot)])),
          sinks: [sink],
          ...{ clock, timeoutMs: 1000, answerTimeoutMs: 5000 },
        });
        const cameras = ['live', 'replay'];
        const sources = cameras.map((camera) => new FakeSource(camera));
        const sent = [0, 0];
        await pipeline.add(sources[0]!, { settings: { nodes: full } });
        await pipeline.add(sources[1]!, { settings: { nodes: full }, policy: 'every' });
        await pipeline.start();
        const receivers = sources.map(({ receiver }) => receiver!);

        const check = () => {
          for (const { node, camera, frames } of pipeline.stats().nodes) {
            const sum = (counts: Readonly<Record<string, number>>) =>
              Object.values(counts).reduce((all, count) => all + count, 0);
            const { received, processed, superseded, dropped, skipped, waiting, inFlight } = frames;
            expect([node, processed + superseded + sum(dropped) + sum(skipped) + waiting + inFlight]).toEqual(
              [node, received],
            );
            if (camera === 'live') expect(waiting).toBeLessThanOrEqual(1);
          }
          for (const detector of detectors) expect(detector.open.length).toBeLessThanOrEqual(capacity);
          for (const count of pool.releases.values()) expect(count).toBeLessThanOrEqual(1);
        };

        for (const step of list) {
          const open = detectors.flatMap(({ open }) => open);
          const slot = 'slot' in step ? slotNames[step.slot]! : 'main';
          const camera = 'camera' in step ? step.camera : 0;
          switch (step.do) {
            case 'frame': {
              const frame = pool.frame(cameras[camera]!, {
                sequence: sent[camera]!,
                stampNs: clock.wallNs(),
              });
              const data = new Uint8Array(64 * 64);
              const own = { ...frame, width: 64, height: 64, step: 64 };
              void receivers[camera]!.frame({
                ...own,
                pixels: { data, release: () => frame.pixels.release() },
              });
              sent[camera]! += 1;
              break;
            }
            case 'answer':
              open[step.index % Math.max(1, open.length)]?.answer(
                Array.from({ length: step.boxes }, (_, i) => car(5 + 25 * i)),
              );
              break;
            case 'reject':
              open[step.index % Math.max(1, open.length)]?.fail(new Error('no'));
              break;
            case 'toggle':
              pipeline.configure(cameras[camera]!, { enabled: !pipeline.settings(cameras[camera]!).enabled });
              break;
            case 'pass':
              await clock.pass(step.ms);
              break;
            case 'swap':
              if (pipeline.identities().has(slot)) void pipeline.swap(fresh(slot), slot);
              break;
            case 'remove':
              if (pipeline.identities().has(slot)) void pipeline.removeSlot(slot);
              break;
            case 'add':
              if (!pipeline.identities().has(slot)) pipeline.addSlot(slot, fresh(slot));
              break;
            case 'graph':
              pipeline.configure(cameras[camera]!, { nodes: graphs[step.graph]! });
              break;
          }
          check();
          await settle();
          check();
        }
        for (const camera of cameras) pipeline.configure(camera, { enabled: true });
        const closed = pipeline.close();
        await settle();
        for (let left = true; left; ) {
          const open = detectors.flatMap(({ open }) => open);
          left = open.length > 0;
          for (const task of open) task.answer([car(5)]);
          await settle();
        }
        await closed;
        check();
        expect(pool.everyOnce).toBe(true);
        expect(clock.pending).toBe(0);
        for (const camera of cameras)
          for (const node of ['detect', 'faces']) {
            const own = sink.results.filter((result) => result.camera === camera && result.node === node);
            const order = own.map(({ sequence }) => sequence);
            expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
            published += own.filter(({ detections }) => detections.some(({ children }) => children)).length;
          }
      }),
      { numRuns: 30, seed: 15 },
    );
    // Else nothing of the above was looked at.
    expect(published).toBeGreaterThan(20);
  });
});
