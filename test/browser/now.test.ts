import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { admin } from '../fakes/test-fleet.ts';
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

  it('shows rollouts that run with what they do next, and what changed today', async () => {
    const { controller } = live;
    await live.pushModel('2.0.0');
    await controller.rollouts.create(admin, {
      name: 'to-2',
      policy: { model: { name: 'street', version: '2.0.0' }, target: { groups: ['roof'] } },
    });
    for (const [at, id] of ['cam-1', 'cam-2'].entries())
      await live.publish(
        topics.events(id),
        encodePayload('events', {
          ...{ id: `swap-000${at}`, entry: 9001, session: 1, timeMs: Date.now(), camera: 'front' },
          ...{ kind: 'model.swapped', severity: 'info', message: 'street 0.9.0 -> street 1.0.0', data: {} },
        }),
      );
    const swaps = () =>
      page.evaluate(async () => {
        const headers = { authorization: `Bearer ${sessionStorage.getItem('goshawk.token')}` };
        const answer = await fetch('api/v1/events?kind=model.swapped', { headers });
        return ((await answer.json()) as { readonly events: readonly unknown[] }).events.length;
      });
    await expect.poll(swaps, { timeout: 60_000 }).toBe(2);
    await page.reload();
    const rollouts = page.getByRole('region', { name: 'Rollouts' });
    const entry = rollouts.getByRole('listitem').filter({ hasText: 'to-2' });
    await entry.getByText('Running').waitFor();
    const said = await entry.textContent();
    const { next } = controller.rollouts.detail('to-2');
    expect(said).toContain('street 2.0.0, wave 1 of 1, 0 of 1 run it');
    expect(said).toContain(next);
    const changed = page.getByRole('region', { name: 'Changed today' });
    await changed.getByText('street 0.9.0 -> street 1.0.0 (2 devices)').waitFor();
    await changed.getByText('Rollout to-2: running').waitFor();
    // The audit log is for admins.
    expect(await changed.getByText(/rollout created/i).count()).toBe(0);
    await picture(page, 'now-changes');
    expect(faults).toEqual([]);
    const chief = await live.open(browser, '/', 'admin');
    const list = chief.page.getByRole('region', { name: 'Changed today' });
    const made = list
      .getByRole('listitem')
      .filter({ hasText: /rollout.*: to-2/i })
      .last();
    await made.getByText(/by ann/).waitFor();
    await chief.page.context().close();
    await entry.getByRole('link', { name: 'to-2' }).click();
    await page.getByRole('heading', { name: 'to-2' }).waitFor();
    await page.goBack();
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
