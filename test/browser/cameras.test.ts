import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';
import { WorkingDevices } from './working-devices.ts';

const title = `The page Cameras${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-cameras-'));
  /** Calls of frames, as devices get them. */
  const asked: string[] = [];
  let live: LiveFleet;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    const { frames, frame } = new WorkingDevices(folder, new Map()).answers;
    live = new LiveFleet(
      [
        { id: 'cam-1', groups: ['gate'] },
        { id: 'cam-2', groups: ['gate'], frozenSinceMs: Date.now() - 185_000 },
        { id: 'cam-3', groups: ['roof'] },
      ],
      {
        answers: {
          frame: frame!,
          frames: (id, request) => {
            asked.push(id);
            return frames!(id, request);
          },
        },
      },
    );
    await live.start(browser.folder);
    ({ page, faults } = await live.open(browser, '/cameras', 'operator'));
  });
  afterAll(async () => {
    await page?.context().close();
    await live?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tile = (id: string) => page.locator(`[data-tile="${id}/front"]`);

  it('shows every camera with a picture and its health, those in trouble first', async () => {
    await tile('cam-2').getByText('Blind: frozen').waitFor();
    for (const id of ['cam-1', 'cam-2', 'cam-3']) await tile(id).locator('.still-pixels').waitFor();
    expect(await page.locator('.tile').first().textContent()).toContain('cam-2');
    expect(await tile('cam-1').textContent()).toContain('OK');
    await picture(page, 'cameras');
    expect(faults).toEqual([]);
  });

  it('keeps a filter in the address', async () => {
    await page.getByLabel('Group').selectOption('roof');
    await tile('cam-1').waitFor({ state: 'detached' });
    expect(await page.locator('.tile').count()).toBe(1);
    expect(new URL(page.url()).hash).toBe('#/cameras?group=roof');
    await page.getByLabel('Group').selectOption('gate');
    await tile('cam-2').waitFor();
  });

  it('fills the screen with one group, and ends by Escape', async () => {
    await page.getByRole('button', { name: 'Full screen' }).click();
    const kiosk = page.locator('.kiosk');
    await kiosk.getByText('2 cameras').waitFor();
    await kiosk.locator('.still-pixels').nth(1).waitFor();
    expect(new URL(page.url()).hash).toContain('kiosk=yes');
    await picture(page, 'cameras-kiosk');
    await page.getByRole('button', { name: 'End full screen' }).focus();
    await page.keyboard.press('Escape');
    await kiosk.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#/cameras?group=gate');
    expect(faults).toEqual([]);
  });

  it('leads to one camera with its picture, verdict, detections and settings', async () => {
    await tile('cam-2').getByRole('link').click();
    await page.getByRole('heading', { name: 'front', exact: true, level: 1 }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/cameras/cam-2/front');
    await page.locator('.page-facts').getByText('Blind: frozen').waitFor();
    await page.locator('.picture:not(.picture-hidden)').waitFor();
    await page.locator('.drift-panel .incident').waitFor();
    await page.getByRole('region', { name: 'Detections' }).waitFor();
    await page.getByRole('switch', { name: /Detection/ }).waitFor();
    await picture(page, 'camera');
    expect(faults).toEqual([]);
  });

  it('shows the kept frames of a camera once somebody asks for them, a few at a time', async () => {
    await page.goto(`${page.url().split('#')[0]}#/cameras/cam-1/front`);
    const panel = page.getByRole('region', { name: 'Kept frames' });
    const fetch = panel.getByRole('button', { name: 'Fetch from the device' });
    await fetch.waitFor();
    expect(asked).toEqual([]);
    await fetch.click();
    const tiles = panel.locator('.tile');
    const showsAll = async (frames: number): Promise<void> => {
      await expect.poll(() => tiles.count(), { timeout: 60_000 }).toBe(frames);
      for (const one of await tiles.all()) {
        // Each is fetched when it is in sight.
        await one.scrollIntoViewIfNeeded();
        await one.locator('.evidence-picture:not(.off-screen)').waitFor();
      }
    };
    await showsAll(4);
    expect(asked).toEqual(['cam-1']);
    const narrowest = await panel
      .locator('canvas')
      .evaluateAll((all) => Math.min(...all.map((one) => (one as unknown as { width: number }).width)));
    expect(narrowest).toBeGreaterThan(300);
    await panel
      .getByText(/, alarm$/)
      .first()
      .waitFor();
    await picture(page, 'camera-kept-frames');
    await panel.getByRole('button', { name: 'Newer' }).click();
    await showsAll(2);
    await panel.getByRole('button', { name: 'Oldest' }).click();
    await showsAll(4);
    expect(faults).toEqual([]);
  });

  it('says that a camera is not there', async () => {
    await page.goto(`${page.url().split('#')[0]}#/cameras/cam-1/attic`);
    await page.getByText('cam-1 has not reported a camera attic').waitFor();
    expect(faults).toEqual([]);
  });
});
