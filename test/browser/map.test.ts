import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/api/index.ts';
import { admin } from '../fakes/test-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';

const title = `Map and site plan${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-map-'));
  const plan = join(folder, 'plan.png');
  const live = new LiveFleet([{ id: 'cam-1' }, { id: 'cam-2' }, { id: 'cam-3' }, { id: 'cam-4' }]);
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    await live.start(browser.folder);
    const { labels } = live.controller;
    await labels.setLabels(admin, 'cam-1', { latitude: '52.52', longitude: '13.405', site: 'west' });
    await labels.setLabels(admin, 'cam-2', {
      latitude: '48.14',
      longitude: '11.58',
      site: 'west',
      ring: 'a',
    });
    await labels.setLabels(admin, 'cam-3', { latitude: 'somewhere', longitude: '11', site: 'east' });
    const hall = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><rect x="40" y="40" width="720" height="320" fill="#fff" stroke="#333" stroke-width="6"/><path d="M400 40V220" stroke="#333" stroke-width="6"/></svg>`;
    writeFileSync(plan, await sharp(Buffer.from(hall)).flatten({ background: '#eee' }).png().toBuffer());
  });
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await live.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string, role: Role = 'operator'): Promise<void> {
    ({ page, faults } = await live.open(browser, path, role));
  }
  const pin = (id: string) => page.locator('.pin').and(page.getByTitle(new RegExp(`^${id}:`)));
  const labelsOf = (id: string) =>
    live.controller.labels.list().devices.find(({ device }) => device === id)?.labels;

  it('shows devices where their labels say, over an outline of the land', async () => {
    await open('/devices');
    await page.getByRole('button', { name: 'Map' }).click();
    await pin('cam-1').waitFor();
    await pin('cam-2').waitFor();
    expect(await page.locator('.pin').count()).toBe(2);
    expect(await page.locator('.map path.land').count()).toBeGreaterThan(0);
    await page.getByText('for lack of the labels latitude and longitude: 2 devices').waitFor();
    const north = await pin('cam-1').boundingBox();
    const south = await pin('cam-2').boundingBox();
    expect(north!.y).toBeLessThan(south!.y);
    expect(north!.x).toBeGreaterThan(south!.x);
    await picture(page, 'devices-map');
    await pin('cam-1').click();
    await page.getByRole('heading', { name: 'cam-1' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('keeps the filter of the table on the map', async () => {
    await open('/devices?view=map&q=cam-2');
    await pin('cam-2').waitFor();
    expect(await page.locator('.pin').count()).toBe(1);
  });

  it('takes the plan of a site, on which an operator places and moves devices', async () => {
    await open('/devices?view=plan&site=west');
    await page.getByText('west has no plan').waitFor();
    await page.getByLabel('Upload a plan').setInputFiles(plan);
    await page.locator('.map img.leaflet-image-layer').waitFor();
    await page.getByRole('combobox', { name: 'Place a device' }).selectOption('cam-2');
    await pin('cam-2').waitFor();
    expect(labelsOf('cam-2')).toMatchObject({ ring: 'a', 'plan-x': '0.5', 'plan-y': '0.5' });
    const box = (await page.locator('.map img.leaflet-image-layer').boundingBox())!;
    await pin('cam-2').hover();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => Number(labelsOf('cam-2')?.['plan-x']), { timeout: 30_000 }).toBeCloseTo(0.25, 1);
    expect(Number(labelsOf('cam-2')?.['plan-y'])).toBeCloseTo(0.25, 1);
    expect(labelsOf('cam-2')).toMatchObject({ ring: 'a', site: 'west', latitude: '48.14' });
    await picture(page, 'devices-plan');
    expect(faults).toEqual([]);
  });

  it('lets a viewer look at the plan and change nothing', async () => {
    await open('/devices?view=plan&site=west', 'viewer');
    await pin('cam-2').waitFor();
    expect(await page.getByText('Replace the plan').count()).toBe(0);
    expect(await page.getByRole('combobox', { name: 'Place a device' }).count()).toBe(0);
    const before = labelsOf('cam-2');
    await pin('cam-2').hover();
    await page.mouse.down();
    await page.mouse.move(400, 400, { steps: 5 });
    await page.mouse.up();
    expect(labelsOf('cam-2')).toEqual(before);
  });

  it('deletes the plan', async () => {
    await open('/devices?view=plan&site=west');
    await page.getByRole('button', { name: 'Delete the plan' }).click();
    await page.getByText('west has no plan').waitFor();
    expect(live.controller.sitePlans.list()).toEqual([]);
  });
});

describe.skipIf(browserMissing !== undefined)(
  'Tiles of the map that a setting names',
  { timeout: 180_000 },
  () => {
    const browser = dashboardBrowser();
    /** What each server was asked for. */
    const asked = { tiles: [] as string[], other: [] as string[] };
    const referers = new Set<string | undefined>();
    const servers: Server[] = [];
    let live: LiveFleet;
    let tiles: string;
    let other: string;

    beforeAll(async () => {
      const white = await sharp({ create: { width: 256, height: 256, channels: 3, background: '#dfe' } })
        .png()
        .toBuffer();
      const serve = async (paths: string[]): Promise<string> => {
        const server = createServer((request, response) => {
          paths.push(request.url ?? '');
          referers.add(request.headers.referer);
          response.writeHead(200, { 'content-type': 'image/png' }).end(white);
        });
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      };
      [tiles, other] = [await serve(asked.tiles), await serve(asked.other)];
      live = new LiveFleet([{ id: 'cam-1' }], {
        map: { tiles: `${tiles}/street/{z}/{x}/{y}.png`, attribution: 'City <of> tiles' },
      });
      await live.start(browser.folder);
      await live.controller.labels.setLabels(admin, 'cam-1', { latitude: '52.52', longitude: '13.405' });
    });
    afterAll(async () => {
      await live?.close();
      for (const server of servers) server.close();
    });

    it('are loaded from its address, in place of the outline, and nothing is loaded from elsewhere', async () => {
      const { page, faults } = await live.open(browser, '/devices?view=map', 'viewer');
      await page.locator('.map img.leaflet-tile-loaded').first().waitFor();
      await page.locator('.pin').waitFor();
      expect(asked.tiles.length).toBeGreaterThan(3);
      for (const path of asked.tiles) expect(path).toMatch(/^\/street\/\d+\/\d+\/\d+\.png$/);
      // Berlin, as near as pins are brought.
      expect(asked.tiles).toContain('/street/13/4401/2686.png');
      // Public servers want to know the site, and get no page and no token of it.
      expect([...referers]).toEqual([`${new URL(live.address).origin}/`]);
      expect(await page.locator('.map path.land').count()).toBe(0);
      await page.getByText('City <of> tiles').waitFor();
      await picture(page, 'devices-map-tiles');
      expect(faults).toEqual([]);
      const load = (address: string) =>
        page.evaluate(
          (src) =>
            new Promise<string>((resolve) => {
              const image = new Image();
              image.onload = () => resolve('loaded');
              image.onerror = () => resolve('refused');
              image.src = src;
            }),
          address,
        );
      expect(await load(`${tiles}/street/0/0/0.png`)).toBe('loaded');
      expect(await load(`${other}/street/0/0/0.png`)).toBe('refused');
      expect(asked.other).toEqual([]);
      expect(faults).toContain(`policy: img-src ${other}/street/0/0/0.png`);
      // Tiles are pictures and nothing else.
      const before = asked.tiles.length;
      expect(await page.evaluate((src) => fetch(src).then(String, () => 'refused'), `${tiles}/secret`)).toBe(
        'refused',
      );
      expect(asked.tiles).toHaveLength(before);
      const answer = await fetch(live.address);
      expect(answer.headers.get('content-security-policy')).toContain(`img-src 'self' data: blob: ${tiles};`);
      await page.context().close();
    });
  },
);
