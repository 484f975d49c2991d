import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../fakes/test-fleet.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { RolloutDashboard } from './rollout-dashboard.ts';

const title = `An experiment in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;
const cameras = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  let fleet: RolloutFleet;
  let dashboard: RolloutDashboard;
  let page: Page;

  beforeEach(async () => {
    fleet = await RolloutFleet.open([]);
  });
  afterEach(async () => {
    await dashboard?.close();
    await fleet.fleet.stop();
  });

  /** Two versions on two devices of six cameras, or on eight devices, opened from the list of rollouts. */
  async function open(by: 'camera' | 'device', role: 'operator' | 'viewer' = 'operator'): Promise<void> {
    const ids = by === 'camera' ? ['d1', 'd2'] : Array.from({ length: 8 }, (_, at) => `cam-${at}`);
    for (const id of ids) await fleet.join(id, [], by === 'camera' ? cameras : ['front']);
    await fleet.push('2.0.0');
    await fleet.create({ experiment: { by, percent: 50 } }, { name: 'street-ab' });
    await fleet.turn(6);
    dashboard = await RolloutDashboard.open(fleet, browser, role);
    ({ page } = dashboard);
    await page.getByRole('link', { name: 'street-ab' }).click();
    await page.getByRole('heading', { name: 'Assignments' }).waitFor();
  }

  async function act(word: string, fill?: (dialog: ReturnType<Page['getByRole']>) => Promise<void>) {
    await page.getByRole('button', { name: word }).click();
    const dialog = page.getByRole('dialog');
    await fill?.(dialog);
    await dialog.getByRole('button', { name: word }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  it("by camera: shows each camera's version and why; is resized, and the version promoted", async () => {
    await open('camera');
    await page.getByText(/^B has \d+ of 12 cameras \(\d+ %\); 50 % asked$/).waitFor();
    const report = await fleet.fleet.controller.experiments.report('street-ab');
    for (const { device, camera, arm, why, model } of report.units) {
      const row = page.getByRole('row', { name: `${device}/${camera}` });
      expect(await row.textContent()).toBe(`${device}/${camera}${arm}${model}${why}`);
    }
    expect(await page.getByRole('button', { name: 'Abort' }).count()).toBe(0);
    await picture(page, 'experiment-cameras');

    await act('Resize', async (dialog) => {
      const field = dialog.getByLabel('Share of B, in percent of the cameras');
      expect(await field.inputValue()).toBe('50');
      await field.fill('-3');
      expect(await dialog.getByRole('button', { name: 'Resize' }).isDisabled()).toBe(true);
      await field.fill('80');
    });
    await fleet.turn(6);
    expect(fleet.show('street-ab')).toMatchObject({ state: 'comparing' });
    expect(fleet.desired('d1')?.slots?.next?.cameras?.length).toBeGreaterThan(3);

    await act('Promote');
    await fleet.turn(8);
    await page.locator('.page-head', { hasText: 'Finished' }).waitFor();
    for (const id of ['d1', 'd2']) {
      expect(fleet.running.get(id)?.version).toBe('2.0.0');
      expect(fleet.desired(id)?.slots).not.toHaveProperty('next');
    }
    expect(dashboard.faults).toEqual([]);
  });

  it('by device: is rolled back, and all devices have A', async () => {
    await open('device');
    await page.getByText(/^B has \d of 8 devices/).waitFor();
    await picture(page, 'experiment-devices');
    await act('Roll back');
    await fleet.turn(8);
    await page.locator('.page-head', { hasText: 'Rolled back' }).waitFor();
    for (const { version } of fleet.running.values()) expect(version).toBe('1.0.0');
    expect(dashboard.faults).toEqual([]);
  });

  it('shows a viewer the work of others, without buttons', async () => {
    await open('camera', 'viewer');
    for (const name of ['Resize', 'Promote', 'Roll back'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    await fleet.rollouts.act(admin, 'street-ab', { action: 'rollback' });
    await fleet.turn(8);
    await page.locator('.page-head', { hasText: 'Rolled back' }).waitFor();
    expect(dashboard.faults).toEqual([]);
  });
});
