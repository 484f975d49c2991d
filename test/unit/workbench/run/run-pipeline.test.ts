import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import {
  type NamedValue,
  qosProfiles,
  readDiagnostics,
  readTransitionEvent,
} from '../../../../src/ros2/index.ts';
import { ManagedSteps } from '../../../../src/workbench/run/managed-run.ts';
import { RunModels } from '../../../../src/workbench/run/models.ts';
import type { RunOptions } from '../../../../src/workbench/run/options.ts';
import { runPipeline } from '../../../../src/workbench/run/run-pipeline.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

async function bundle(): Promise<string> {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ variants: [{ kind: 'fp32', file }] });
  return (await writeBundle(join(temporaryFolder(), 'tiny'), manifest, new Map([['fp32.onnx', bytes]])))
    .location;
}

/** A folder with a picture that is played again and again. */
function pictures(): Partial<RunOptions> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '1.png'), greyPng(8, 8, Array(64).fill(90), 8));
  return { source: folder, loop: true };
}

/** A run that waits for a manager. `room`: what its configuration waits for when the model is loaded. */
async function managed(room: Promise<void> = Promise.resolve(), over: Partial<RunOptions> = {}) {
  const graph = new FakeRosGraph();
  const stop = new AbortController();
  const seen = { loaded: false, frames: 0, joined: 0, over: false, said: '' };
  graph.join({ namespace: '/', name: 'manager' }).subscribe({
    ...{ topic: '/diagnostics', type: 'diagnostic_msgs/msg/DiagnosticArray' },
    ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
    onMessage: ({ bytes, release }) => {
      seen.said = readDiagnostics(bytes).statuses[0]?.message ?? '';
      release();
    },
  });
  const join = async () => {
    seen.joined += 1;
    return graph.join({ namespace: '/', name: 'goshawk' });
  };
  const run = runPipeline(
    {
      ...{ model: await bundle(), source: 'sim', engine: 'onnxruntime-node', threads: 1 },
      ...{ score: 0.1, iou: 0.5, fps: 20, publish: ['ros'], ros: 'dds', rosAutoActivate: false },
      ...over,
    },
    {
      ...{ log: silentLog, signal: stop.signal, drained: async () => {} },
      rosAdapters: { dds: join, fastdds: join, rclnodejs: join },
      startProgress: async () => {
        seen.loaded = true;
        await room;
        return { advance: () => {}, stop: () => {} } as never;
      },
      onFrame: () => {
        seen.frames += 1;
      },
    },
  ).finally(() => {
    seen.over = true;
  });
  const change = async (label: string) =>
    (
      await graph.call('/goshawk/change_state', 'lifecycle_msgs/srv/ChangeState', {
        transition: { id: 0, label },
      })
    )?.success;
  await expect.poll(() => graph.servers('/goshawk/change_state').length, { timeout: 60_000 }).toBe(2);
  return { graph, stop, seen, run, change };
}

describe('A run that is managed', () => {
  it('looks at frames while it is active, and else its camera is off and no fault', async () => {
    const { stop, seen, run, change } = await managed();
    const soon = { timeout: 60_000 };
    expect(await change('configure')).toBe(true);
    await expect.poll(() => seen.said, soon).toBe('off');
    expect(seen.frames).toBe(0);
    expect(await change('activate')).toBe(true);
    await expect.poll(() => seen.frames, soon).toBeGreaterThan(1);
    await expect.poll(() => seen.said, soon).toMatch(/results in the last second/);
    expect(await change('deactivate')).toBe(true);
    await expect.poll(() => seen.said, soon).toBe('off');
    stop.abort();
    await run;
  });

  it.each([false, true])(
    'closes its recording where a frame of it waits, plays it again, and ends: switched off before: %s',
    async (off) => {
      const { graph, stop, seen, run, change } = await managed(undefined, pictures());
      const enable = (data: boolean) => graph.call('/goshawk/enable', 'std_srvs/srv/SetBool', { data });
      const more = () => expect.poll(() => seen.frames, { timeout: 60_000 }).toBeGreaterThan(seen.frames + 1);
      expect(await change('configure')).toBe(true);
      expect(await change('activate')).toBe(true);
      await more();
      if (off) {
        await enable(false);
        // Long enough for the next frame to wait.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(await change('deactivate')).toBe(true);
      if (off) await enable(true);
      expect(await change('activate')).toBe(true);
      await more();
      if (off) {
        await enable(false);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const rests = change('deactivate');
      stop.abort();
      await run;
      expect(await rests).toBe(true);
    },
  );

  it('that is stopped while it is configured gives up what that loads, and then ends', async () => {
    let go = () => {};
    const { graph, stop, seen, run, change } = await managed(
      new Promise<void>((resolve) => {
        go = resolve;
      }),
    );
    const configured = change('configure');
    await expect.poll(() => seen.loaded, { timeout: 60_000 }).toBe(true);
    stop.abort();
    // Long enough for one that does not wait.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen.over).toBe(false);
    // Nothing begins any more.
    go();
    expect(await configured).toBe(true);
    await run;
    expect(await change('activate')).toBeUndefined();
    expect(seen.joined).toBe(1);
    expect(graph.publishers('/diagnostics')).toEqual([]);
  });

  it('waits for what loads at its end, and for no other step: to give up what that works on may be what ends it', async () => {
    const steps = new ManagedSteps();
    void steps.take(() => new Promise(() => {}));
    await steps.end();
    await expect(steps.take(async () => {})).rejects.toMatchObject({ code: 'cancelled' });

    const others = new ManagedSteps();
    let loaded = () => {};
    let over = false;
    void others.load(
      () =>
        new Promise((resolve) => {
          loaded = resolve;
        }),
    );
    const ended = others.end().then(() => {
      over = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    loaded();
    await ended;
  });

  it('opens no further model when it is over', async () => {
    const models = new RunModels();
    const folders = new Map([['main', '/nowhere']]);
    const request = { engine: 'onnxruntime-node', threads: 1, log: silentLog } as const;
    await expect(models.open(folders, request, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('The parameters of a run that is managed', () => {
  const parameters = (graph: FakeRosGraph) => ({
    async get(name: string) {
      const names = [name];
      const got = await graph.call('/goshawk/get_parameters', 'rcl_interfaces/srv/GetParameters', { names });
      const value = got?.values[0];
      return value !== undefined && 'value' in value ? value.value : value;
    },
    async set(...changes: NamedValue[]) {
      const service = '/goshawk/set_parameters';
      const set = await graph.call(service, 'rcl_interfaces/srv/SetParameters', { parameters: changes });
      return set?.results.map(({ successful }) => successful);
    },
    async list() {
      const service = '/goshawk/list_parameters';
      const asked = { prefixes: [], depth: 0 };
      return (await graph.call(service, 'rcl_interfaces/srv/ListParameters', asked))?.result.names;
    },
  });
  const score = (value: number) => ({ name: 'score_threshold', value: { type: 'double', value } }) as const;
  const classes = (...value: string[]) =>
    ({ name: 'classes', value: { type: 'string_array', value } }) as const;

  it('are there before it is configured, which takes them, and outlive every transition', async () => {
    const { graph, stop, run, change } = await managed();
    const { get, set, list } = parameters(graph);
    const all = ['enabled', 'score_threshold', 'iou_threshold', 'classes', 'use_sim_time'];
    expect(await list()).toEqual(all);
    expect(await get('score_threshold')).toBe(0.1);
    expect(await set(score(0.7))).toEqual([true]);
    expect(await set(score(1.5), { name: 'no_such', value: { type: 'bool', value: true } })).toEqual([
      false,
      false,
    ]);
    expect(await get('score_threshold')).toBe(0.7);
    expect(await change('configure')).toBe(true);
    expect(await get('score_threshold')).toBe(0.7);
    expect(await set(score(0.6))).toEqual([true]);
    expect(await set(classes('no such class'))).toEqual([false]);
    expect(await change('activate')).toBe(true);
    expect(await change('deactivate')).toBe(true);
    expect(await change('cleanup')).toBe(true);
    expect(await list()).toEqual(all);
    expect([await get('score_threshold'), await get('iou_threshold')]).toEqual([0.6, 0.5]);
    expect(await change('configure')).toBe(true);
    expect(await get('score_threshold')).toBe(0.6);
    stop.abort();
    await run;
    expect(await list()).toBeUndefined();
  });

  it('that its model does not fit are refused by configure, and can be set otherwise', async () => {
    const { graph, stop, run, change } = await managed();
    const { set } = parameters(graph);
    expect(await set(classes('no such class'))).toEqual([true]);
    expect(await change('configure')).toBe(false);
    expect(await set(classes())).toEqual([true]);
    expect(await change('configure')).toBe(true);
    stop.abort();
    await run;
  });
});

describe('A run in which something throws that nobody expected', () => {
  it('is unconfigured, by way of errorprocessing, and can be configured again', async () => {
    let broken: Error | undefined = new Error('no memory');
    const room = {
      // biome-ignore lint/suspicious/noThenProperty: awaited each time that it is configured.
      then: (resolve: () => void, reject: (error: unknown) => void) =>
        broken === undefined ? resolve() : reject(broken),
    };
    const { graph, stop, seen, run, change } = await managed(room as never);
    const goals: string[] = [];
    graph.join({ namespace: '/', name: 'watcher' }).subscribe({
      ...{ topic: '/goshawk/transition_event', type: 'lifecycle_msgs/msg/TransitionEvent' },
      ...{ qos: qosProfiles.standard, maxBytes: 4096, queue: 9 },
      onMessage: ({ bytes, release }) => {
        goals.push(readTransitionEvent(bytes).goal.label);
        release();
      },
    });
    expect(await change('configure')).toBe(false);
    expect(goals).toEqual(['configuring', 'errorprocessing', 'unconfigured']);
    broken = undefined;
    expect(await change('configure')).toBe(true);
    expect(await change('activate')).toBe(true);
    await expect.poll(() => seen.frames, { timeout: 60_000 }).toBeGreaterThan(1);
    stop.abort();
    await run;
  });
});

describe('A run that is stopped while it loads', () => {
  it.each(['ros', undefined] as const)(
    'opens neither a further model nor its camera: publish %s',
    async (publish) => {
      const graph = new FakeRosGraph();
      const join = async () => graph.join({ namespace: '/', name: 'goshawk' });
      const stop = new AbortController();
      let frames = 0;
      const summary = await runPipeline(
        {
          // To open the second one would fail: it is not there.
          ...{
            model: [`main=${await bundle()}`, 'plate=/nowhere'],
            source: 'sim',
            engine: 'onnxruntime-node',
          },
          ...{ threads: 1, score: 0.1, iou: 0.5, fps: 20, ros: 'dds' },
          ...(publish === undefined ? {} : { publish: [publish] }),
        },
        {
          // With the first word of the engine.
          log: { ...silentLog, info: () => stop.abort() } as never,
          ...{ signal: stop.signal, drained: async () => {} },
          rosAdapters: { dds: join, fastdds: join, rclnodejs: join },
          startProgress: async () => ({ advance: () => {}, stop: () => {} }) as never,
          onFrame: () => {
            frames += 1;
          },
        },
      );
      expect(frames).toBe(0);
      expect(summary.frames.processed).toBe(0);
    },
  );
});
