/* Each native part of the installed package is loaded, in a process of its own, by the package's own Node. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, must, sh, skip, step } from './kit.mjs';

const root = '/usr/lib/goshawk-agent';
const out = `${root}/native/build/out`;
const node = `${root}/bin/node`;
/** What a release may not have: without it the addon can't be loaded, and nothing else suffers. */
const optional = { 'goshawk_fastdds.node': 'libfastdds3.1' };
const inRelease = (name) => /Candidate: [^(]/.test(sh(`apt-cache policy ${name}`).text);

for (const file of readdirSync(out).filter((name) => name.endsWith('.node'))) {
  const library = optional[file];
  if (library !== undefined && !inRelease(library)) {
    skip(`${file} is loaded`, `${library} is not in this release`);
    continue;
  }
  await step(`${file} is loaded`, () => {
    must(`${node} -e 'process.dlopen({exports:{}}, "${out}/${file}")'`);
  });
}

await step('the build report and the files agree', () => {
  const { items } = JSON.parse(readFileSync(`${root}/native/build/report.json`, 'utf8'));
  const compiled = items.filter(({ state }) => state === 'compiled').map(({ name }) => name);
  expect(compiled.length > 3, compiled.join());
  return { compiled: compiled.join(' ') };
});

const run = (engine) =>
  must(
    `goshawk run --model ${root}/models/street --source sim --engine ${engine} --frames 3 --json 2>/dev/null`,
  )
    .split('\n')
    .map((line) => JSON.parse(line));

for (const engine of ['onnxruntime', 'onnxruntime-node'])
  await step(`goshawk run, engine ${engine}`, () => {
    const lines = run(engine);
    const summary = lines.find(({ type }) => type === 'summary');
    expect(summary.engine === engine, `it ran on ${summary.engine}`);
    expect(summary.frames.processed === 3 && summary.detections > 0, JSON.stringify(summary.frames));
    return { detections: summary.detections };
  });
