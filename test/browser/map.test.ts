import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
