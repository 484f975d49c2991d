import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeController } from '../fakes/fake-controller.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';

const title = `Clips in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

function testClip(): Buffer {
  const file = join(temporaryFolder(), 'clip.mp4');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10:duration=3'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', file],
  ]);
  return readFileSync(file);
}

describe.skipIf(browserMissing !== undefined)(title, () => {
  const browser = dashboardBrowser();
  let controller: FakeController;
  let page: Page;
  let faults: string[];

  beforeEach(async () => {
    controller = new FakeController({ page: browser.folder, devices: 3 });
    const mp4 = testClip();
    const clip = {
      ...{ camera: 'front', durationMs: 3_000, width: 640, height: 360, bytes: mp4.length },
      codec: 'h264' as const,
      ...{ encoded: true, blurred: true, gaps: 0 },
    };
    controller.clips = {
      mp4,
      list: [
        { ...clip, id: '1-0', timeMs: Date.now() - 60_000, reasons: ['zone.dwell'] },
        { ...clip, id: '2-0', timeMs: Date.now() - 9_000, reasons: ['call'] },
      ],
    };
    await controller.start();
  });
  afterEach(async () => {
    await page?.context().close();
    await controller.stop();
  });

  async function open(role: string): Promise<void> {
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 1100 } }));
    await page.goto(`${controller.url}/#token=${role}-token&to=${encodeURIComponent('/devices/gate-01')}`);
    await page.locator('.clips-panel tbody tr').first().waitFor();
  }

  it('are listed on the page of their device, newest first, and play there', async () => {
    await open('viewer');
    const rows = page.locator('.clips-panel tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await rows.nth(0).textContent()).toContain('request');
    expect(await rows.nth(1).textContent()).toContain('zone.dwell');
    await rows.nth(1).getByRole('button', { name: 'Play' }).click();
    const video = page.locator('.clip-player video');
    await video.waitFor();
    await expect
      .poll(() => video.evaluate((one) => (one as unknown as { currentTime: number }).currentTime), {
        timeout: 60_000,
      })
      .toBeGreaterThan(0.2);
    expect(await page.locator('.clip-player').textContent()).toContain('persons hidden');
    await picture(page, 'clip-player');
    expect(faults).toEqual([]);
  });

  it('are all there, twenty on a page, also where the device gives them in parts', async () => {
    const [clip] = controller.clips!.list;
    const list = Array.from({ length: 145 }, (_, at) => ({
      ...clip!,
      ...{
        id: `${(at + 1).toString(36)}-0`,
        timeMs: at * 60_000,
        bytes: 1_000 + at,
        reasons: [`number ${at + 1}`],
      },
    }));
    controller.clips = { ...controller.clips!, list };
    await open('viewer');
    const panel = page.locator('.clips-panel');
    await panel.getByText('1 to 20 of 145').waitFor();
    const rows = panel.locator('tbody tr');
    expect(await rows.first().textContent()).toContain('number 145');
    expect(await panel.getByRole('button', { name: 'Newer' }).isDisabled()).toBe(true);
    for (let pages = 0; pages < 7; pages += 1) await panel.getByRole('button', { name: 'Older' }).click();
    await panel.getByText('141 to 145 of 145').waitFor();
    expect(await rows.count()).toBe(5);
    expect(await rows.last().textContent()).toContain('number 1');
    expect(await panel.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    expect(faults).toEqual([]);
  });

  it('are requested only by people whose role allows it', async () => {
    await open('operator');
    await page.locator('.clips-panel').getByRole('button', { name: 'Record now' }).click();
    await expect
      .poll(
        () => controller.requests.find(({ path, method }) => method === 'POST' && path.endsWith('/clips')),
        {
          timeout: 60_000,
        },
      )
      .toMatchObject({ path: 'devices/gate-01/clips', body: { camera: 'front' } });
    await page.context().close();
    await open('viewer');
    expect(
      await page
        .locator('.clips-panel')
        .getByRole('button', { name: /^Record/ })
        .count(),
    ).toBe(0);
    expect(faults).toEqual([]);
  });
});
