/*
 * Memory of an agent with six RTSP cameras over minutes: resident by kind, JavaScript's heap, what lies outside it, and the heaps
 * of the C library. One line per sample; the slope of the second half comes last.
 *
 *     npm run bench -- camera-memory clip.mp4 [minutes] [cameras] [NAME=value ...]
 *
 * NAME=value: of the agent's environment, as MALLOC_ARENA_MAX=2.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { answers, freePort } from '../../contract/brokers.ts';
import { RtspCamera } from '../../fixtures/cameras/rtsp-camera.ts';

const [clip = '', minutes = '10', count = '6', ...environment] = process.argv.slice(2);
const everyMs = 10_000;
const root = resolve(import.meta.dirname, '../../..');
const base = mkdtempSync(join(tmpdir(), 'goshawk-camera-memory-'));
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Says what V8 knows of itself: loaded into the agent before its own code. */
const teller = join(base, 'tell.mjs');
writeFileSync(
  teller,
  `import { renameSync, writeFileSync } from 'node:fs';
import { PerformanceObserver, constants } from 'node:perf_hooks';
let collected = 0, kept = 0;
new PerformanceObserver((list) => {
  if (!list.getEntries().some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)) return;
  collected += 1;
  kept = process.memoryUsage().heapUsed;
}).observe({ entryTypes: ['gc'] });
setInterval(() => {
  const known = { ...process.memoryUsage(), collected, kept };
  try {
    writeFileSync(${JSON.stringify(join(base, 'v8.new'))}, JSON.stringify(known));
    renameSync(${JSON.stringify(join(base, 'v8.new'))}, ${JSON.stringify(join(base, 'v8.json'))});
  } catch {}
}, 2000).unref();
`,
);

interface Sample {
  readonly atS: number;
  readonly rss: number;
  readonly anonymous: number;
  readonly file: number;
  readonly shared: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  /** Of the heap, after the last whole collection. */
  readonly kept: number;
  readonly collections: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly threads: number;
}

function sample(pid: number, atS: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const mb = (name: string) => field(name) / 1024;
  const v8 = JSON.parse(readFileSync(join(base, 'v8.json'), 'utf8')) as NodeJS.MemoryUsage & {
    readonly collected: number;
    readonly kept: number;
  };
  return {
    ...{ atS, rss: mb('VmRSS'), anonymous: mb('RssAnon'), file: mb('RssFile'), shared: mb('RssShmem') },
    ...{ heapUsed: v8.heapUsed / 2 ** 20, heapTotal: v8.heapTotal / 2 ** 20 },
    ...{ kept: v8.kept / 2 ** 20, collections: v8.collected },
    ...{ external: v8.external / 2 ** 20, arrayBuffers: v8.arrayBuffers / 2 ** 20 },
    threads: field('Threads'),
  };
}

/** MiB a minute over these samples. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(samples.map(({ atS }) => atS)), mean(samples.map(of))];
  const above = samples.reduce((sum, one) => sum + (one.atS - x) * (of(one) - y), 0);
  return (above / samples.reduce((sum, one) => sum + (one.atS - x) ** 2, 0)) * 60;
}

const brokerPort = await freePort();
const broker = spawn('mosquitto', ['-p', String(brokerPort)], { stdio: 'ignore' });
while (!(await answers(brokerPort))) await wait(100);
const server = await new RtspCamera('--file', resolve(clip), '--fps', '10').start();
const cameras = Object.fromEntries(
  Array.from({ length: Number(count) }, (_, i) => [`camera${i + 1}`, { source: server.url }]),
);
const settings = join(base, 'agent.json');
writeFileSync(
  settings,
  JSON.stringify({
    ...{ device: 'memory', dataDir: join(base, 'data'), broker: { url: `mqtt://127.0.0.1:${brokerPort}` } },
    ...{ model: join(root, 'models/street'), cameras },
  }),
);
const agent: ChildProcess = spawn(
  process.execPath,
  ['--import', teller, 'dist/src/cli/main.js', 'agent', '--config', settings],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...Object.fromEntries(environment.map((one) => one.split('='))) },
  },
);
const samples: Sample[] = [];
const beganMs = performance.now();
while (performance.now() - beganMs < Number(minutes) * 60_000 && agent.exitCode === null) {
  await wait(everyMs);
  const one = sample(agent.pid ?? 0, Math.round((performance.now() - beganMs) / 1000));
  samples.push(one);
  console.log(
    Object.entries(one)
      .map(([name, value]) => `${name} ${Math.round(value)}`)
      .join('  '),
  );
}
const later = samples.slice(Math.floor(samples.length / 2));
for (const kind of ['rss', 'anonymous', 'heapUsed', 'kept', 'external', 'arrayBuffers'] as const)
  console.log(`second half, ${kind}: ${slope(later, (one) => one[kind]).toFixed(2)} MiB a minute`);
agent.kill('SIGTERM');
await new Promise((done) => (agent.exitCode === null ? agent.once('close', done) : done(undefined)));
await server.stop();
broker.kill();
rmSync(base, { recursive: true, force: true });
