import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';

const title = `The page Now${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const frozenSinceMs = Date.now() - 185_000;
  const live = new LiveFleet([
    { id: 'cam-1', groups: ['gate'], frozenSinceMs },
    { id: 'cam-2', groups: ['gate'], frozenSinceMs },
    { id: 'cam-3', groups: ['roof'] },
  ]);
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    await live.start(browser.folder);
    ({ page, faults } = await live.open(browser, '/', 'operator'));
  });
  afterAll(async () => {
    await page?.context().close();
    await live.close();
  });

  const cause = () => page.locator('[data-cause="camera blind"]');

  it('shows alerts of one cause as one, and blind cameras with their last picture', async () => {
    await cause().getByText('2 alerts').waitFor();
    expect(await page.locator('.cause').count()).toBe(1);
    expect(await page.locator('.nav-link[aria-current="page"]').textContent()).toContain('Now');
    await page.locator('.tile', { hasText: 'cam-1' }).locator('.still-pixels').waitFor();
    expect(await page.locator('.tile').count()).toBe(2);
    await page.getByText('No rollout is running').waitFor();
    await picture(page, 'now');
    expect(faults).toEqual([]);
  });

  it('silences a cause for a time, says who and until when, and gives the focus back', async () => {
    const button = page.getByRole('button', { name: 'Silence camera blind' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('cam-2/front').waitFor();
    await picture(page, 'now-silence');
    await dialog.getByLabel('For').selectOption('240');
    await dialog.getByLabel(/Reason/).fill('lens is cleaned');
    const before = Date.now();
    await dialog.getByRole('button', { name: 'Silence', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.ariaLabel))
      .toBe('Silence camera blind');
    await cause().getByText('Silent until').first().waitFor();
    expect(await cause().textContent()).toContain('by operator of the test: lens is cleaned');
    const silences = live.controller.alerts.firing.map(({ silence }) => silence?.untilMs ?? 0);
    expect(silences).toHaveLength(2);
    for (const untilMs of silences) expect(untilMs - before).toBeGreaterThanOrEqual(4 * 3_600_000 - 60_000);
    expect(faults).toEqual([]);
  });

  it('assigns and acknowledges', async () => {
    await page.getByRole('button', { name: 'Assign camera blind' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Person or team').fill('day shift');
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    await cause().getByText('Assigned to day shift').first().waitFor();
    await page.getByRole('button', { name: 'Acknowledge camera blind' }).click();
    await dialog.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await cause().getByText('Acknowledged by operator of the test').first().waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge camera blind' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('gives a viewer no button, and refuses what a viewer sends', async () => {
    const viewer = await live.open(browser, '/', 'viewer');
    await viewer.page.locator('.cause').first().waitFor();
    expect(await viewer.page.locator('.cause-actions').count()).toBe(0);
    const [{ id } = { id: '' }] = live.controller.alerts.firing;
    for (const [path, body] of [
      ['silence', { minutes: 5 }],
      ['assign', { to: 'eve' }],
    ] as const) {
      const status = await viewer.page.evaluate(
        async ([address, sent]) => {
          const token = sessionStorage.getItem('goshawk.token');
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
          const answer = await fetch(address!, { method: 'POST', headers, body: sent! });
          return answer.status;
        },
        [`api/v1/alerts/${id}/${path}`, JSON.stringify(body)],
      );
      expect(status).toBe(403);
    }
    await viewer.page.context().close();
  });

  it('needs no token in a new tab, and ends the session in all of them', async () => {
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await tab.locator('.cause').first().waitFor();
    expect(tab.url()).not.toContain('token');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    await page.reload();
    await page.getByLabel('Access token').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});
