/*
 * The dashboard with 10,000 devices in a real browser: `node --import tsx test/bench/control-room.ts [minutes] [memory|scroll]`. Devices,
 * broker and database are in memory; the server, the page and Chromium are real. 200 devices report each second.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { artifactFolder } from '../../src/adapters/artifacts/index.ts';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { birth } from '../fakes/test-fleet.ts';

const devices = 10_000;
const groupSize = 200;
const perSecond = 200;
const minutes = Number(process.argv[2] ?? 10);
/** `memory`: no openings, no searches and no scrolling; `scroll`: no openings and no searches. */
const part = process.argv[3];
const admin = { tokenId: 't0', name: 'bench', role: 'admin' } as const;
const idOf = (at: number) => `cam-${`${at}`.padStart(5, '0')}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const folder = mkdtempSync(join(tmpdir(), 'goshawk-room-'));
execFileSync(process.execPath, ['deploy/checkout/build.mjs', '--dashboard', join(folder, 'page')]);
const clock = new SystemClock();
const broker = new FakeBroker(clock);
const controller = new FleetController({
  ...{ clock, log: silentLog, store: new FakeStore(), secrets: nodeSecrets },
  transport: new FakeTransport(broker, 'controller'),
  artifacts: artifactFolder(join(folder, 'artifacts')),
});
await controller.start();
let port = 0;
const serve = async (): Promise<FleetServer> => {
  const server = new FleetServer(
    { controller, metrics: new FleetMetrics(controller), clock, log: silentLog },
    { host: '127.0.0.1', port, dashboard: join(folder, 'page'), version: '0' },
  );
  port = Number(new URL(await server.listen()).port);
  return server;
};
let server = await serve();
const url = `http://127.0.0.1:${port}`;
const fleet = new FakeTransport(broker, 'devices');
fleet.start();
while (fleet.status().state !== 'online') await pause(10);
for (let at = 0; at < devices; at += 1) {
  const groups = [`hall-${Math.floor(at / groupSize)}`];
  const payload = encodePayload('state', { ...birth, groups, timeMs: Date.now() });
  await fleet.publish({ topic: topics.state(idOf(at)), payload, qos: 1, retain: true });
}
while (controller.registry.size < devices) await pause(50);
for (let at = 0; at < 500; at += 1)
  await controller.labels.setLabels(admin, idOf(at * 20), { site: `site-${at % 10}` });
await controller.flush();

let sequence = 0;
let next = 0;
const beat = setInterval(() => {
  for (let sent = 0; sent < perSecond / 4; sent += 1) {
    const device = idOf(next % devices);
    next += 1;
    const samples: [number, number, number][] = [[Date.now(), 1, 25 + Math.random() * 5]];
    const batch = {
      session: 1,
      sequence: Math.floor(next / devices),
      entry: sequence++,
      historical: false,
      samples,
    };
    void fleet.publish({
      topic: topics.metrics(device),
      payload: encodePayload('metrics', batch),
      qos: 1,
      retain: false,
    });
  }
}, 250);

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const { token } = await controller.access.createToken(admin, { name: 'bench', role: 'admin' });
const row = (what: string, value: string): void => {
  process.stdout.write(`| ${what} | ${value} | ${loadavg()[0]?.toFixed(1)} |\n`);
};
const middle = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)]!)} ms (${Math.round(sorted[0]!)} to ${Math.round(sorted.at(-1)!)})`;
};
async function opened(path: string, sign: string): Promise<readonly [Page, number]> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const began = performance.now();
  await page.goto(`${url}/#token=${token}&to=${encodeURIComponent(path)}`);
  await page.locator(sign).first().waitFor({ timeout: 120_000 });
  return [page, performance.now() - began];
}
/** From an empty cache, several times. */
async function openings(path: string, sign: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const [page, ms] = await opened(path, sign);
    times.push(ms);
    await page.context().close();
  }
  row(`${path}: to ${sign}`, middle(times));
}
async function timed(what: string, act: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    await act(round);
    times.push(performance.now() - began);
  }
  row(what, middle(times));
}

process.stdout.write('| what | time or bytes | load |\n|---|---|---|\n');
if (part === undefined) {
  await openings('/devices', '.row');
  await openings('/', '.figure');
  await openings('/cameras', '.tile');
  await openings('/activity', '.event');
  await openings('/data', '.empty');
  await openings('/settings/groups', '.plain tbody tr');
}

const [page] = await opened('/devices', '.row');
if (part === undefined) await acts();
if (part !== 'memory') await scrolls();

const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');
const heap = async (): Promise<string> => {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return `${((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6).toFixed(1)} MB`;
};
for (let minute = 0; minute <= minutes; minute += 1) {
  if (minute > 0) await pause(60_000);
  if (minute === 0 || minute === minutes || minute % 2 === 0)
    row(`heap of the page after ${minute} min`, await heap());
}
await server.close();
await page.locator('.line-lost').waitFor();
const began = performance.now();
server = await serve();
await page.locator('.line-live').waitFor();
row('controller listens again: to Live', `${Math.round(performance.now() - began)} ms`);
await page.locator('main:not(.page-stale) .row').first().waitFor();

clearInterval(beat);
await browser.close();
await server.close();
await fleet.close();
await controller.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);

/** What a person does on the page Devices. */
async function acts(): Promise<void> {
  const links = page.locator('.row .row-link');
  await timed('search: to the one row', async (round) => {
    const id = idOf(9_990 + round);
    await page.getByLabel('Search devices').fill(id);
    await page.locator('.row', { hasText: id }).first().waitFor();
    while ((await links.count()) !== 1) await pause(5);
  });
  await page.getByLabel('Search devices').fill('');
  await timed('a label: to its rows', async (round) => {
    await page.getByRole('combobox', { name: /^Label/ }).selectOption(`site=site-${round}`);
    await page.locator('.panel-head', { hasText: '50 of' }).waitFor();
  });
  await page.getByRole('combobox', { name: /^Label/ }).selectOption('');
  await page.getByRole('combobox', { name: /^Group/ }).selectOption('hall-7');
  await timed('bulk preview of 200 devices, by name', async () => {
    await page.getByRole('button', { name: 'Act on these' }).click();
    await page
      .locator('.bulk-list label')
      .nth(groupSize - 1)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
  await page.getByRole('combobox', { name: /^Group/ }).selectOption('');
  await timed('palette: to a device by its name', async (round) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Page, device/ }).fill(idOf(5_000 + round));
    await page
      .getByRole('option', { name: idOf(5_000 + round) })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
  });
}

/** The table beside a blank page of its height, in turns: the ratio tells what the table adds on whatever machine this is. */
async function scrolls(): Promise<void> {
  const blank = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await blank.setContent(`<div style="height:${height}px"></div>`);
  const frames = { table: [] as number[], blank: [] as number[] };
  for (let round = 0; round < 10; round += 1)
    for (const [name, one] of [
      ['table', page],
      ['blank', blank],
    ] as const) {
      await one.bringToFront();
      frames[name].push(...(await one.evaluate<number[]>(scrollScript(120))));
    }
  await blank.context().close();
  const shareOf = (values: readonly number[], share: number) =>
    [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
  for (const [word, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [table, empty] = [shareOf(frames.table, share), shareOf(frames.blank, share)];
    const ratio = (table / empty).toFixed(2);
    row(
      `scrolling ${devices} devices: ${word} of ${frames.table.length} frames`,
      `${table.toFixed(1)} ms, blank page ${empty.toFixed(1)} ms, ratio ${ratio}`,
    );
  }
  const late = (values: readonly number[]) => values.filter((ms) => ms > 25).length;
  row('frames above 25 ms', `${late(frames.table)}, blank page ${late(frames.blank)}`);
}

/** Script of the page: 200 pixels with each frame, down and up; how long each frame took, milliseconds. */
function scrollScript(frames: number): string {
  return `new Promise((resolve) => {
    const times = [];
    let before;
    let way = 200;
    requestAnimationFrame(function frame(now) {
      if (before !== undefined) times.push(now - before);
      before = now;
      if (times.length === ${frames}) return resolve(times);
      const from = scrollY;
      scrollBy(0, way);
      if (scrollY === from) way = -way;
      requestAnimationFrame(frame);
    });
  })`;
}
