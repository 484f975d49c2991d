import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../fakes/fake-clock.ts';
import { admin, loaded, slot } from '../fakes/test-fleet.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { RolloutDashboard } from './rollout-dashboard.ts';

const title = `Two versions at once in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;
const cameras = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const share = { of: 'street', toPercent: 50 };

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  let fleet: RolloutFleet;
  let dashboard: RolloutDashboard;
  let page: Page;

  beforeEach(async () => {
    fleet = await RolloutFleet.open([]);
  });
  async function serve(role: 'operator' | 'viewer' = 'operator'): Promise<void> {
    dashboard = await RolloutDashboard.open(fleet, browser, role);
    ({ page } = dashboard);
  }
  afterEach(async () => {
    await dashboard?.close();
    await fleet.fleet.stop();
  });

  /** Half of the cameras of a group by the slot next; on d1 its model runs already. */
  async function divide(): Promise<void> {
    for (const id of ['d1', 'd2']) await fleet.fleet.birth(id, { groups: ['west'], cameras });
    await fleet.push('2.0.0');
    const { slots, shares } = fleet.fleet.controller;
    const { model } = await slots.set(admin, { group: 'west' }, 'next', { name: 'street', share });
    const report = await shares.report('street');
    const own = report.cameras.filter(({ device, side }) => device === 'd1' && side === 'waits');
    const served = own.map(({ camera }) => camera);
    const fresh = { ...loaded, version: '2.0.0', digest: model.digest };
    const main = slot({ cameras: cameras.filter((one) => !served.includes(one)) });
    const next = slot({ cameras: served, loaded: fresh });
    await fleet.fleet.reported('d1', { generation: 1, slots: { main, next } });
    await settle();
  }

  /** A version on the devices with a label, another one on the others. */
  async function divideByRing(): Promise<void> {
    const { labels } = fleet.fleet.controller;
    for (const [id, ring] of Object.entries({ d1: 'a', d2: 'a', d3: 'b', d4: 'b' })) {
      await fleet.join(id);
      await labels.setLabels(admin, id, { ring });
    }
    await fleet.push('1.0.0');
    await fleet.push('2.0.0');
    const part = (ring: string) => ({ target: { labels: { ring } } });
    await fleet.create({ ...part('a'), model: { name: 'street', version: '1.0.0' } }, { name: 'a' });
    await fleet.create({ ...part('b'), model: { name: 'street', version: '2.0.0' } }, { name: 'b' });
    await fleet.turn(6);
  }

  /** The page's time can be put forward to its next question. */
  async function fastClock(): Promise<void> {
    await page.clock.install();
    await page.reload();
  }

  async function seeEnd(): Promise<void> {
    await page.clock.fastForward(16_000);
    await page.getByText('It has ended').waitFor();
    // Not an alert at all: that the stream was silent for so long is told above the page.
    expect(await page.locator('.problem').allTextContents()).toEqual([]);
    expect(await page.getByRole('table').count()).toBe(0);
  }

  /** But for the browser's own line about the answer that there is no such test any more. */
  const otherFaults = () => dashboard.faults.filter((each) => !each.includes('404 (Not Found)'));

  it('divide cameras: who runs what and why; the share is changed, and the version promoted', async () => {
    await divide();
    await serve('operator');
    await fastClock();
    await page
      .getByRole('region', { name: 'Two versions at once' })
      .getByRole('link', { name: 'street' })
      .click();
    await page.getByRole('heading', { name: 'Two versions of street' }).waitFor();
    const row = (camera: string) => page.locator('tr', { hasText: `d1/${camera}` });
    await row('c0').waitFor();
    await page.getByText(/^B has \d+ of 12 cameras \(.*waits?; 50 % asked$/).waitFor();
    const report = await fleet.fleet.controller.shares.report('street');
    for (const { camera, device, side, why } of report.cameras) {
      if (device !== 'd1') continue;
      expect(await row(camera).textContent()).toContain(why);
      expect(await row(camera).textContent()).toContain(side === 'A' ? 'outside' : 'within');
    }
    await dashboard.picture('shares-cameras');
    await dashboard.fitsPhone();

    await page.getByRole('button', { name: 'Change the share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the share of street' });
    await dialog.getByLabel('B ends at, percent').fill('-3');
    expect(await dialog.getByRole('button', { name: 'Change the share' }).isDisabled()).toBe(true);
    await dialog.getByLabel('B ends at, percent').fill('80');
    await dialog.getByRole('button', { name: 'Change the share' }).click();
    await page.getByText(/80 % asked$/).waitFor();
    const { groups } = fleet.fleet.controller;
    const west = () => groups.list().groups.find(({ name }) => name === 'west')?.settings;
    expect(west()?.slots?.next?.share).toEqual({ of: 'street', fromPercent: 0, toPercent: 80 });

    await page.getByRole('button', { name: 'Promote B' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Promote B' }).click();
    await page.getByText('promoted: until main runs it').first().waitFor();
    for (const name of ['Promote B', 'Change the share'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    expect(west()?.slots?.next?.share?.promoted).toBe(true);
    await dashboard.picture('shares-promoted');
    const promoted = west()?.slots?.main?.model.digest ?? '';
    const main = slot({ cameras, loaded: { ...loaded, digest: promoted } });
    await fleet.fleet.reported('d1', { generation: 1, slots: { main } });
    await fleet.fleet.clock.pass(10_000);
    await settle();
    expect(Object.keys(west()?.slots ?? {})).toEqual(['main']);
    // Whoever stays on the page is told by its next question.
    await seeEnd();
    await page.getByRole('link', { name: 'All rollouts' }).click();
    await page.getByRole('heading', { name: 'Rollouts' }).waitFor();
    expect(west()?.slots?.main?.model).toMatchObject({ name: 'street', version: '2.0.0' });
    await page.getByRole('region', { name: 'Two versions at once' }).waitFor({ state: 'detached' });
    expect(otherFaults()).toEqual([]);
  });

  it('have a range each, and end: the slot is gone', async () => {
    await divide();
    const rest = { of: 'street', fromPercent: 50, toPercent: 100 };
    const { groups, slots } = fleet.fleet.controller;
    await slots.set(admin, { device: 'd2' }, 'next', { name: 'street', share: rest });
    await serve();
    await page.getByRole('link', { name: 'street' }).click();
    await page.getByText(/; 50 % asked$/).waitFor();
    await page.getByRole('button', { name: 'Change the share' }).click();
    const change = page.getByRole('dialog');
    await change.getByText('It is changed for group west (now 0 to 50 %), d2 (now 50 to 100 %).').waitFor();
    expect(await change.getByLabel('B ends at, percent').inputValue()).toBe('');
    expect(await change.getByRole('button', { name: 'Change the share' }).isDisabled()).toBe(true);
    await change.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'End the test' }).click();
    const dialog = page.getByRole('dialog', { name: 'End the test of street' });
    await dialog.getByText('main, which serves all of them with A').waitFor();
    await dialog.getByRole('button', { name: 'End the test' }).click();
    await page.getByRole('heading', { name: 'Rollouts' }).waitFor();
    await page.getByText('Ordered for group west, device d2.').waitFor();
    const [west] = groups.list().groups;
    expect(west?.settings.slots).toBeUndefined();
    expect(dashboard.faults).toEqual([]);
  });

  it('stay in the list while a part of it can not be had, which can be tried again', async () => {
    await divide();
    await serve();
    await page.route('**/device-shares', (route) => route.abort());
    await page.reload();
    const problem = page.getByRole('alert');
    await problem.waitFor();
    await page.getByRole('link', { name: 'street' }).waitFor();
    await page.unroute('**/device-shares');
    await problem.getByRole('button', { name: 'Try again' }).click();
    await problem.waitFor({ state: 'detached' });
    expect(await page.getByRole('link', { name: 'street' }).count()).toBe(1);
    expect(dashboard.faults.filter((each) => !each.includes('ERR_FAILED'))).toEqual([]);
  });

  it('are taken back on the devices with a label, and the test is over', async () => {
    await divideByRing();
    await serve();
    await page.getByRole('link', { name: 'street by ring' }).click();
    await page.getByRole('heading', { name: 'Who runs what' }).waitFor();
    expect(await page.getByRole('button', { name: 'Promote b' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Roll back b' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('b is rolled back: its devices get what they had before.').waitFor();
    await page.getByRole('heading', { name: 'Rollouts', exact: true }).waitFor();
    expect(fleet.show('b').state).toBe('rolling-back');
    await page.getByRole('region', { name: 'Two versions at once' }).waitFor({ state: 'detached' });
    expect(dashboard.faults).toEqual([]);
  });

  it('by a label have ended for whoever looks on while somebody else takes one back', async () => {
    await divideByRing();
    await serve('viewer');
    await fastClock();
    await page.getByRole('link', { name: 'street by ring' }).click();
    await page.getByRole('heading', { name: 'Who runs what' }).waitFor();
    await fleet.rollouts.act(admin, 'b', { action: 'rollback' });
    await fleet.turn(4);
    await seeEnd();
    expect(otherFaults()).toEqual([]);
  });

  it('offer nothing to a viewer', async () => {
    await divide();
    await serve('viewer');
    await page.getByRole('link', { name: 'street' }).click();
    await page.getByRole('heading', { name: 'What is asked' }).waitFor();
    for (const name of ['Change the share', 'Promote B', 'End the test'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    expect(dashboard.faults).toEqual([]);
  });

  it('divide devices by rollouts, of which one is promoted', async () => {
    const ids = Array.from({ length: 8 }, (_, at) => `cam-${at}`);
    for (const id of ids) await fleet.join(id);
    await fleet.push('1.0.0');
    await fleet.push('2.0.0');
    const side = (fromPercent: number, toPercent: number) => ({
      target: { all: true as const, share: { of: 'street-ab', fromPercent, toPercent } },
    });
    await fleet.create({ ...side(0, 50), model: { name: 'street', version: '1.0.0' } }, { name: 'a' });
    await fleet.create({ ...side(50, 100), model: { name: 'street', version: '2.0.0' } }, { name: 'b' });
    await fleet.turn(6);
    await serve('operator');
    await page.getByRole('link', { name: 'street-ab' }).click();
    await page.getByRole('heading', { name: 'Who runs what' }).waitFor();
    const report = await fleet.fleet.controller.deviceShares.report('street-ab');
    expect(report.devices.map(({ device }) => device)).toEqual(ids);
    for (const { device, rollout, why } of report.devices) {
      const words = await page.locator('tr', { hasText: device }).textContent();
      expect(words).toContain(`${device}${rollout}committed`);
      expect(words).toContain(why);
    }
    await dashboard.picture('shares-devices');
    await dashboard.fitsPhone();
    await page.getByRole('button', { name: 'Promote b' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
    await page.getByRole('heading', { name: 'b for all 2.0.0' }).waitFor();
    await fleet.turn(6);
    await page.locator('.page-head', { hasText: 'Finished' }).waitFor();
    expect(fleet.show('a').state).toBe('superseded');
    for (const id of ids) expect(fleet.running.get(id)?.version).toBe('2.0.0');
    expect(dashboard.faults).toEqual([]);
  });
});
