/*
 * How long pages are without live data when the controller is stopped and started: `npm run bench -- control-room-restart
 * [streams] [pages]`. A real broker, `goshawk controller` with SQLite in a process of its own, 10,000 devices of which 200
 * report each second, pages in Chromium, and clients of the stream that reconnect as a page does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { FleetLoad, pause } from './fleet-load.ts';
import { benchGauges } from './ingest-load.ts';

const devices = 10_000;
const streams = Number(process.argv[2] ?? 50);
const pages = Number(process.argv[3] ?? 4);
const rounds = 3;
const mostMs = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'goshawk-restart-'));
const [mqttPort, httpPort] = [21_883, 28_080];
const url = `http://127.0.0.1:${httpPort}`;
const goshawk = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');
if (!existsSync(goshawk)) throw new Error('Build it first: npm run build');

const children: ChildProcess[] = [];
const row = (what: string, value: string): void => {
  process.stdout.write(`| ${what} | ${value} | ${loadavg()[0]?.toFixed(1)} |\n`);
};
const middle = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  const seconds = (at: number) => (sorted[at]! / 1000).toFixed(1);
  return `${seconds(Math.floor(sorted.length / 2))} s (${seconds(0)} to ${seconds(sorted.length - 1)})`;
};

/** Reads `count` streams in a process apart; reconnects after 1, 2, 4 ... 20 s as a page does, and prints what it gets. */
const reader = `
const { request } = require('node:http');
const [url, authorization, count] = process.argv.slice(1);
const say = (what, at) => process.stdout.write(what + ' ' + at + '\\n');
function open(at, attempt) {
  let isLive = false, over = false;
  const again = () => {
    if (over) return;
    over = true;
    if (isLive) say('lost', at);
    const longest = Math.min(20000, 1000 * 2 ** (isLive ? 0 : attempt));
    setTimeout(open, longest * (0.5 + Math.random() / 2), at, isLive ? 1 : attempt + 1);
  };
  const sent = request(url, { agent: false, headers: { authorization } }, (response) => {
    if (response.statusCode !== 200) { response.resume(); return again(); }
    response.setEncoding('utf8');
    response.on('data', (text) => {
      if (!isLive && text.includes('event: device')) { isLive = true; say('live', at); }
    });
    response.on('close', again);
    response.on('error', again);
  });
  sent.on('error', again);
  sent.end();
}
for (let at = 0; at < Number(count); at++) open(at, 0);
`;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = performance.now(); !(await holds()); await pause(20))
    if (performance.now() - began > mostMs) throw new Error(`Not within ${mostMs / 1000} s: ${what}`);
}
const answers = async (path: string, headers: Record<string, string> = {}): Promise<unknown> => {
  try {
    const answer = await fetch(`${url}${path}`, { headers });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
};
function startController(): ChildProcess {
  const config = join(folder, 'controller.json');
  const child = spawn(process.execPath, [goshawk, 'controller', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n'))
      if (/"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
  });
  children.push(child);
  return child;
}

try {
  writeFileSync(
    join(folder, 'broker.conf'),
    `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`,
  );
  children.push(spawn('mosquitto', ['-c', join(folder, 'broker.conf')], { stdio: 'ignore' }));
  const settings = {
    dataDir: join(folder, 'data'),
    broker: { url: `mqtt://127.0.0.1:${mqttPort}` },
    http: { port: httpPort },
  };
  writeFileSync(join(folder, 'controller.json'), JSON.stringify(settings));
  let controller = startController();
  const tokenFile = join(folder, 'data', 'admin.token');
  await until(
    'the controller answers',
    async () => existsSync(tokenFile) && (await answers('/healthz')) !== undefined,
  );
  const token = readFileSync(tokenFile, 'utf8').trim();
  const authorization = `Bearer ${token}`;
  const known = async (): Promise<number> =>
    ((await answers('/api/v1/devices?limit=1', { authorization })) as { total: number } | undefined)?.total ??
    0;

  const load = new FleetLoad(`mqtt://127.0.0.1:${mqttPort}`, {
    ...{ devices, catalogue: benchGauges(2), batchSeconds: 50 },
  });
  await load.connect();
  await load.births();
  await until('all devices are known', async () => (await known()) === devices);
  let isOver = false;
  const working = (async () => {
    while (!isOver) await load.run(1);
  })();

  const live = new Set<number>();
  const clients = spawn(
    process.execPath,
    ['-e', reader, `${url}/api/v1/stream`, authorization, `${streams}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(clients);
  /** When each became live again since the controller was stopped. */
  const back = new Map<number, number>();
  clients.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) {
      const [what, at] = [line.split(' ')[0], Number(line.split(' ')[1])];
      if (what === 'lost') live.delete(at);
      else {
        live.add(at);
        back.set(at, performance.now());
      }
    }
  });
  await until('all streams are live', () => live.size === streams);

  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const shown: Page[] = [];
  for (let at = 0; at < pages; at += 1) {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(`${url}/#token=${token}&to=${encodeURIComponent(at % 2 === 0 ? '/devices' : '/')}`);
    await page.locator('.line-live').waitFor({ timeout: mostMs });
    shown.push(page);
  }

  process.stdout.write('| what | time | load |\n|---|---|---|\n');
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const times = {
      ended: [] as number[],
      listens: [] as number[],
      streams: [] as number[],
      pages: [] as number[],
    };
    for (let round = 0; round < rounds; round += 1) {
      back.clear();
      const began = performance.now();
      const ended = once(controller, 'exit');
      controller.kill(signal);
      await ended;
      times.ended.push(performance.now() - began);
      // Everybody has seen that it is gone.
      await until('all streams are lost', () => live.size === 0);
      for (const page of shown) await page.locator('.line-lost').waitFor({ timeout: mostMs });
      back.clear();
      const started = performance.now();
      controller = startController();
      const pagesBack = shown.map(async (page) => {
        await page.locator('.line-live').waitFor({ timeout: mostMs });
        // The cached fleet is marked as old until it was loaded again.
        await page.locator('main:not(.page-stale) :is(.row, .figure)').first().waitFor({ timeout: mostMs });
        times.pages.push(performance.now() - started);
      });
      await until('it listens', async () => (await answers('/healthz')) !== undefined);
      times.listens.push(performance.now() - started);
      await until('all streams are live', () => live.size === streams);
      times.streams.push(...[...back.values()].map((at) => at - started));
      await Promise.all(pagesBack);
      if ((await known()) !== devices) throw new Error('Devices were lost.');
    }
    row(`${signal}: until the process has ended`, middle(times.ended));
    row(`${signal}: from the start until it answers`, middle(times.listens));
    row(
      `${signal}: from the start until each of ${streams} streams has a device again`,
      middle(times.streams),
    );
    row(
      `${signal}: from the start until each of ${pages} pages is live and loaded again`,
      middle(times.pages),
    );
  }
  isOver = true;
  await working;
  await browser.close();
  await load.close();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
