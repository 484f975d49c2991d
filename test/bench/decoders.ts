/**
 * `npm run bench -- decoders [--rounds 5] [--iterations 20] [--only TEXT]`: decode and NMS of each form of a network
 * that gives boxes (test/conformance/forms), in the native plane and in TypeScript, beside numpy with the formula of its authors
 * and OpenCV's NMS. The same outputs and the score that 300 rows reach; CPU time of one thread, the fastest run of each round, the
 * median of the rounds. The bound: 0.4 times the faster one of Python's ways.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadNative } from '../../native/index.ts';
import { defaultDetectionSettings, letterboxGeometry, Postprocessor } from '../../src/perception/index.ts';
import { boxForms, caseOf } from '../conformance/forms/cases.ts';
import { LinePeer } from './peers/line-peer.ts';
import { memoryKept, python, script } from './peers/python.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    iterations: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const bound = 0.4;
const rows = 300;
const iterations = Number(options.iterations);
const native = loadNative();
const peer = new LinePeer('The Python peer', python, [script('decoders.py')], memoryKept);
const folder = mkdtempSync(join(tmpdir(), 'goshawk-decoders-'));

const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

/** Milliseconds of CPU time of the fastest run. */
function fastest(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < iterations; i += 1) {
    const begin = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

interface Way {
  readonly boxes: number;
  readonly ms: readonly number[];
}

say(`load ${loadavg()[0]?.toFixed(1)}`);
say('| form | rows kept by ours, numpy | native, ms | TypeScript, ms | numpy, ms | ratio | |');
say('|---|---|---|---|---|---|---|');
const missed: string[] = [];
let told = 0;
// A classifier has no boxes.
const forms = boxForms.filter(
  ({ name, reads }) => !['logits', 'softmax'].includes(reads.oracle.formula) && name.includes(options.only),
);
for (const [at, form] of forms.entries()) {
  const { contracts, classes, outputs } = await caseOf(form);
  const { input, output } = contracts;
  const { formula, tensors } = form.reads.oracle;
  const files = new Map(
    outputs.map(({ name, dims, data }, index) => {
      const file = join(folder, `${at}-${index}`);
      writeFileSync(file, data);
      return [name, { dims, file }] as const;
    }),
  );
  const roles = Object.entries(tensors).map(([role, names]) => [role, names.map((name) => files.get(name))]);
  const { width, height } = input;
  const question = { formula, width, height, classes, tensors: Object.fromEntries(roles) };
  const { score } = await peer.ask<{ score: number }>({ ...question, rows });
  // Scores of 1 or 0 can be reached by all rows.
  const threshold = Math.min(0.99, Math.max(0.05, score));
  const iou = defaultDetectionSettings.iouThreshold;
  const settings = {
    ...defaultDetectionSettings,
    ...{ scoreThreshold: threshold, maxDetections: 1_000, maxCandidates: 1_000, multiLabel: false },
  };
  const frame = { width, height };
  const labels = Array.from({ length: classes }, (_, index) => `class ${index}`);
  const postprocessor = new Postprocessor(contracts, labels, { maxCandidates: 1_000 });
  const geometry = letterboxGeometry(input, width, height);
  const natively = () => native.postprocess(outputs, output, classes, input, frame, settings);
  const inTypeScript = () => postprocessor.run(outputs, geometry, frame, settings);
  const boxes = natively().detections.length / 6;
  const asked = { ...question, threshold, iou, iterations, final: output.final === true };
  const times: { native: number[]; typescript: number[]; python: number[] } = {
    ...{ native: [], typescript: [], python: [] },
  };
  let theirs = 0;
  for (let round = 0; round < Number(options.rounds); round += 1) {
    times.native.push(fastest(natively));
    times.typescript.push(fastest(inTypeScript));
    const ways = Object.values(await peer.ask<Record<string, Way>>(asked));
    times.python.push(Math.min(...ways.flatMap(({ ms }) => ms)));
    theirs = ways[0]?.boxes ?? Number.NaN;
  }
  const ratio = middle(times.native.map((ms, i) => ms / times.python[i]!));
  if (ratio > bound) missed.push(form.name);
  told += 1;
  const cells = [times.native, times.typescript, times.python].map((list) => middle(list).toFixed(3));
  say(
    `| ${form.name} | ${boxes}, ${theirs} | ${cells.join(' | ')} | ${ratio.toFixed(2)} | ${ratio > bound ? 'missed' : 'met'} |`,
  );
}
say(`${told - missed.length} of ${told} forms within ${bound}; load ${loadavg()[0]?.toFixed(1)}`);
peer.close();
rmSync(folder, { recursive: true, force: true });
