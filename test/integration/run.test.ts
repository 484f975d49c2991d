import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { ended, goshawk, jsonLines, pictureFolder, sharedData, start, tinyBundleFolder } from './goshawk.ts';

interface Summary {
  readonly frames: { readonly received: number; readonly processed: number; readonly superseded: number };
  readonly classes: Record<string, { readonly detections: number; readonly tracks: number }>;
  readonly faults: readonly string[];
  readonly engine: string;
  readonly drawn?: { readonly written: number };
}

const video = join(sharedData, 'video/vtest.avi');
const nano = join(sharedData, 'models/yolox-nano/yolox_nano.onnx');
const hasVideo = existsSync(video) && spawnSync('ffmpeg', ['-version']).status === 0;

async function setUp(pictures: number) {
  const base = temporaryFolder();
  return { base, bundle: await tinyBundleFolder(base), pictures: await pictureFolder(base, pictures) };
}

describe('goshawk run', () => {
  it('gives one line of JSON per frame and a summary, on the engine that was asked for', async () => {
    const { bundle, pictures } = await setUp(5);
    const ran = await goshawk(
      'run',
      '--model',
      bundle,
      '--source',
      pictures,
      '--engine',
      'onnxruntime-node',
      '--track',
      '--json',
    );
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = jsonLines(ran.stdout);
    expect(lines.map(({ type }) => type)).toEqual([...Array.from({ length: 5 }, () => 'frame'), 'summary']);
    expect(lines[4]).toMatchObject({
      sequence: 4,
      detections: [{ label: 'thing', box: [0, 0, 32, 32], trackId: 1 }],
    });
    const summary = lines.at(-1) as unknown as Summary;
    expect(summary.frames).toMatchObject({ received: 5, processed: 5, superseded: 0 });
    expect(summary.classes).toEqual({ thing: { detections: 5, tracks: 1 } });
    expect(summary.engine).toBe('onnxruntime-node');
  });

  it('runs a graph of two models: results of the second are nested in boxes of the first', async () => {
    const { base, bundle, pictures } = await setUp(3);
    const graph = join(base, 'graph.json');
    const inner = { name: 'inner', slot: 'second', input: { node: 'detect', classes: ['thing'] } };
    const shadow = { name: 'next', slot: 'second', role: 'shadow', budget: 1 };
    const run = async (nodes: unknown) => {
      writeFileSync(graph, JSON.stringify(nodes));
      const models = ['--model', `main=${bundle}`, '--model', `second=${bundle}`];
      return goshawk('run', ...models, '--graph', graph, '--source', pictures, '--json');
    };
    const ran = await run([{ name: 'detect' }, inner, shadow]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = jsonLines(ran.stdout);
    expect(lines[2]).toMatchObject({
      ...{ node: 'detect', slot: 'main' },
      detections: [
        { box: [0, 0, 32, 32], children: [{ node: 'inner', label: 'thing', box: [0, 0, 16, 16] }] },
      ],
    });
    expect(lines.at(-1)).toMatchObject({
      nodes: [
        { node: 'detect', received: 3, processed: 3 },
        { node: 'inner', received: 3, processed: 3, crops: 3 },
        { node: 'next', role: 'shadow', agreement: { frames: 3, precision: 1, recall: 1 } },
      ],
    });
    const refused = await run([{ name: 'detect', input: { node: 'detect' } }]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('The nodes go in a circle: detect -> detect.');
  });

  it('counts in zones and over lines, says what happens, and refuses what can count nothing', async () => {
    const { base, bundle, pictures } = await setUp(4);
    const rules = join(base, 'rules.json');
    const run = async (given: unknown, ...more: string[]) => {
      writeFileSync(rules, JSON.stringify(given));
      return goshawk('run', '--model', bundle, '--source', pictures, '--rules', rules, ...more);
    };
    const whole = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const ran = await run({ zones: { all: { points: whole, minimumCount: 1 } } }, '--track');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/ thing 1 entered all; 1 inside\.\n.* all is crowded: 1 inside\.\n/);
    expect(ran.stdout).toMatch(/zone +entered +left +inside.*\nall +1 +0 +1 +1 .* 1 thing\n/);
    const json = jsonLines((await run({ zones: { all: { points: whole } } }, '--track', '--json')).stdout);
    expect(json[1]).toMatchObject({
      rules: {
        zones: [{ name: 'all', inside: 1, entered: 1, left: 0 }],
        events: [{ kind: 'entered', zone: 'all', label: 'thing', trackId: 1 }],
      },
    });
    expect(json.at(-1)).toMatchObject({ rules: { zones: { all: { entered: 1, classes: { thing: 1 } } } } });
    for (const [given, message] of [
      [{ zones: { all: { points: whole.slice(2) } } }, /"all" has 2 points/],
      [{ zones: { all: { points: whole, classes: ['cat'] } } }, /counts "cat", which .* does not know/],
      [{}, /has no zone and no line/],
    ] as const)
      expect(await run(given, '--track')).toMatchObject({ code: 3, stderr: expect.stringMatching(message) });
    const untracked = await run({ zones: { all: { points: whole } } });
    expect(untracked).toMatchObject({ code: 3, stderr: expect.stringMatching(/need --track/) });
  });

  it('goes on past a picture that cannot be read, and says which', async () => {
    const { bundle, pictures } = await setUp(3);
    writeFileSync(join(pictures, '1.png'), readFileSync(join(pictures, '1.png')).subarray(0, 60));
    const ran = await goshawk('run', '--model', bundle, '--source', pictures, '--json');
    const summary = jsonLines(ran.stdout).at(-1) as unknown as Summary;
    expect(ran.code).toBe(0);
    expect(summary.frames.processed).toBe(2);
    expect(summary.faults.join()).toContain('1.png');
    expect(ran.stderr).toContain('1.png');
  });

  it('draws every frame', async () => {
    const { base, bundle, pictures } = await setUp(6);
    const ran = await goshawk('run', '--model', bundle, '--source', pictures, '--draw', join(base, 'drawn'));
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('6 pictures drawn, 0 left out');
    expect(readdirSync(join(base, 'drawn'))).toHaveLength(6);
  });

  it('says how many pictures it could not write, leaves no half one, and fails', async () => {
    const { base, bundle, pictures } = await setUp(6);
    const folder = join(base, 'drawn');
    mkdirSync(folder);
    // The second one can't be written.
    mkdirSync(join(folder, '1-000001.jpg'));
    const ran = await goshawk('run', '--model', bundle, '--source', pictures, '--draw', folder);
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('1 picture drawn, 5 left out\n');
    expect(ran.stderr).toMatch(/^goshawk: Can't write the picture/m);
    expect(readdirSync(folder)).toEqual(['0-000000.jpg', '1-000001.jpg']);
  });

  it('refuses a class that the model does not have', async () => {
    const { bundle, pictures } = await setUp(1);
    const ran = await goshawk('run', '--model', bundle, '--source', pictures, '--classes', 'thing,persn');
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    expect(ran.stderr).toContain('has no class "persn".');
  });

  it('counts a duration from the first frame, not from the start of the program', async () => {
    const { bundle } = await setUp(1);
    const ran = await goshawk('run', '--model', bundle, '--source', 'sim', '--duration', '400ms', '--json');
    const summary = jsonLines(ran.stdout).at(-1) as unknown as Summary;
    expect(ran.code).toBe(0);
    expect(summary.frames.processed).toBeGreaterThan(0);
  });

  it('ends quietly when whoever reads its output goes away', async () => {
    const { bundle, pictures } = await setUp(2);
    const child = start('run', '--model', bundle, '--source', pictures, '--loop', '--json');
    const end = ended(child);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });

  it('closes properly on Ctrl+C, with a summary and its own exit status', async () => {
    const { bundle, pictures } = await setUp(2);
    const child = start('run', '--model', bundle, '--source', pictures, '--loop', '--json');
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, stdout } = await ended(child);
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'summary' });
  });

  it.each([1, 5])(
    'takes exactly %i frames of the simulated street when it is told, and does not sit out a longer time',
    async (frames) => {
      const { bundle } = await setUp(0);
      const ran = await goshawk(
        ...['run', '--model', bundle, '--source', 'sim', '--frames', String(frames)],
        ...['--duration', '1h', '--json'],
      );
      expect(ran.code).toBe(0);
      const lines = jsonLines(ran.stdout);
      expect(lines.filter(({ type }) => type === 'frame')).toHaveLength(frames);
      expect((lines.at(-1) as unknown as Summary).frames.processed).toBe(frames);
    },
    120_000,
  );

  it.each<[string, string, number, RegExp]>([
    ['an empty folder', 'pictures', 3, /is empty/],
    ['a source that is not there', 'nowhere', 4, /There is no file or folder/],
    ['a file that is no video', 'noise.mp4', 3, /can't be read as a video|ffmpeg/],
  ])('refuses %s in words', async (_what, source, code, words) => {
    const { base, bundle } = await setUp(0);
    writeFileSync(join(base, 'noise.mp4'), 'this is no video');
    const ran = await goshawk('run', '--model', bundle, '--source', join(base, source));
    expect(ran.stderr).toMatch(words);
    expect(ran.stderr).toMatch(/ {2}-> \w/);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    // Without ffmpeg a video is refused because that is missing.
    expect([code, 4]).toContain(ran.code);
  });

  it.each([
    [['run'], /--model/],
    [['run', '--model', 'x', '--source', 'y', '--frames', '-3'], /whole number/],
    [['rum'], /Did you mean run/],
  ])('answers %j with what is right and exit status 2', async (args, words) => {
    const ran = await goshawk(...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(words);
  });

  it.skipIf(!hasVideo || !existsSync(nano))(
    `finds and tracks persons in a real video${hasVideo ? '' : ' (skipped: the video or ffmpeg is absent)'}`,
    async () => {
      const bundle = join(temporaryFolder(), 'nano');
      const labels = join(sharedData, 'models/coco80.txt');
      const args = ['--decoder', 'yolox', '--labels', labels, '--out', bundle];
      const imported = await goshawk('model', 'import', nano, ...args);
      expect(imported.code, imported.stderr).toBe(0);
      const ran = await goshawk('run', '--model', bundle, '--source', video, '--frames', '200', '--json');
      expect(ran.code, ran.stderr).toBe(0);
      const lines = jsonLines(ran.stdout) as unknown as {
        detections: { label: string; trackId?: number }[];
      }[];
      const { frames, classes } = lines.at(-1) as unknown as Summary;
      expect(frames.processed).toBe(200);
      expect(classes.person?.detections).toBeGreaterThan(800);
      // People stay in view for seconds: a tracker that works needs far fewer tracks than detections.
      const lengths = new Map<number, number>();
      for (const { detections = [] } of lines.slice(0, -1)) {
        for (const { label, trackId } of detections) {
          if (label === 'person' && trackId !== undefined)
            lengths.set(trackId, (lengths.get(trackId) ?? 0) + 1);
        }
      }
      expect(lengths.size).toBeLessThan(60);
      expect(Math.max(...lengths.values())).toBeGreaterThan(100);
    },
    600_000,
  );
});
