import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../fakes/test-fleet.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { RolloutDashboard } from './rollout-dashboard.ts';

const title = `Rollouts in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  let fleet: RolloutFleet;
  let dashboard: RolloutDashboard;
  let page: Page;

  beforeEach(async () => {
    fleet = await RolloutFleet.open(['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5', 'cam-6']);
    await fleet.push('1.0.0');
    await fleet.push('2.0.0');
    await serve();
  });
  async function serve(): Promise<void> {
    dashboard = await RolloutDashboard.open(fleet, browser);
    ({ page } = dashboard);
  }
  afterEach(async () => {
    await dashboard?.close();
    await fleet.fleet.stop();
  });

  const text = (words: string | RegExp) => page.getByText(words).first();

  it('are shown from the first wave to the end, with their devices and what comes next', async () => {
    await text('No rollouts yet').waitFor();
    await fleet.create({
      ...{ model: { name: 'street', version: '2.0.0' }, lateJoiners: 'leave' as const },
      waves: [{ devices: ['cam-1'], name: 'canary', soakMinutes: 10 }, { percent: 50 }],
    });
    await fleet.turn(3);
    // The page reads the time of the fleet of this test.
    await page.clock.setFixedTime(fleet.fleet.clock.wallMs());
    await page.getByRole('link', { name: 'to-2' }).click();
    await page.getByRole('heading', { name: 'to-2' }).waitFor();
    await text('When canary has soaked').waitFor();
    expect(await page.locator('.device-dot').count()).toBe(6);
    expect(await page.locator('.device-dot-ok').count()).toBe(1);
    expect(await page.locator('.wave-here').textContent()).toContain('canary');
    const timeline = page.getByRole('figure', { name: 'Timeline' });
    const said = await timeline.getByRole('listitem').allTextContents();
    expect(said.join(' ')).toMatch(
      /canary: updating from .* to .*, soaking since .*, planned to end its soak at/,
    );
    expect(await timeline.locator('.timeline-soaking').count()).toBeGreaterThan(0);
    await picture(page, 'rollout-soaking');
    await page.getByRole('button', { name: 'Promote' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/Reason/)
      .fill('looked at it');
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
    await text('Promoted by hand: looked at it').waitFor();
    await fleet.turn(8);
    await page.locator('.page-head', { hasText: 'Finished' }).waitFor();
    expect(await page.locator('.device-dot-ok').count()).toBe(6);
    await text(/canary: updating .*, soaked from .* and passed at/).waitFor({ state: 'attached' });
    await picture(page, 'rollout-finished');
    expect(dashboard.faults).toEqual([]);
  });

  it('show orders that wait for a second person, who approves or refuses them there', async () => {
    const { controller } = fleet.fleet;
    const rules = [{ name: 'clinic', target: { devices: ['cam-1', 'cam-2'] } }];
    await controller.approvals.setRules(admin, { rules });
    const ann = { tokenId: 't-ann', name: 'ann', role: 'operator' as const };
    const order = (device: string) =>
      controller.slots.set(ann, { device }, 'main', { name: 'street', version: '2.0.0' });
    for (const device of ['cam-1', 'cam-2'])
      await expect(order(device)).rejects.toMatchObject({ code: 'approval-needed' });
    await text('Orders that need a second person').waitFor();
    const row = (device: string) => page.getByRole('row', { name: new RegExp(`${device}.*clinic`) });
    await picture(page, 'approvals');
    await row('cam-1').getByRole('button', { name: 'Approve' }).click();
    await text(/can now do .* of cam-1/).waitFor();
    await row('cam-2').getByRole('button', { name: 'Refuse' }).click();
    await text(/Refused: .* of cam-2/).waitFor();
    await order('cam-1');
    await expect(order('cam-2')).rejects.toMatchObject({ code: 'approval-needed' });
    expect(dashboard.faults).toEqual([]);
  });

  it('show what the gate saw: harm against control, with its interval', async () => {
    const gate = { metrics: [{ metric: 'detections' as const }, { metric: 'frame-rate' as const }] };
    await fleet.create({
      ...{ gate, model: { name: 'street', version: '2.0.0' } },
      waves: [{ devices: ['cam-1'], name: 'canary', soakMinutes: 10 }],
    });
    await fleet.turn(3);
    // As the database of a fleet that has measured has it.
    const { store } = fleet.fleet;
    const [row] = [...store.rolloutRows.values()];
    const sides = { treated: { subjects: 4, blocks: 24 }, control: { subjects: 20, blocks: 120 } };
    const metric = (name: string, outcome: string, estimate: number, spread: number) => ({
      ...{
        metric: name,
        outcome,
        harm: 0.1,
        unit: 'share',
        seenBy: 'device' as const,
        estimate,
        ...sides,
        method: 'ranks',
        says: 'It is so.',
      },
      interval: [estimate - spread, estimate + spread],
    });
    const says = 'detections: worse by 12 % (5 to 19), and 10 % are enough to stop.';
    const metrics = [metric('detections', 'fail', 0.12, 0.07), metric('frame-rate', 'pass', -0.01, 0.03)];
    const seen = {
      timeMs: fleet.fleet.clock.wallMs(),
      wave: 0,
      outcome: 'fail' as const,
      says,
      settle: [],
      metrics,
    };
    const { settledMs } = row!.rollout.waves[0]!;
    const minute = (count: number) => settledMs! + count * 60_000;
    const looked = { outcome: 'inconclusive' as const, says: 'It is not known yet.' };
    const made = [
      { number: 1, dueMs: minute(3), timeMs: minute(3), ...looked },
      {
        number: 3,
        from: 2,
        dueMs: minute(7),
        timeMs: minute(17),
        ...looked,
        outcome: 'fail' as const,
        says,
        metrics,
      },
    ];
    const waves = row!.rollout.waves.map((wave, at) =>
      at === 0 ? { ...wave, gate: seen, looks: { of: 3, made } } : wave,
    );
    await store.commit({
      changes: [{ kind: 'rollout', rollout: { ...row!.rollout, state: 'paused', waves } }],
    });
    await dashboard.close();
    await fleet.fleet.restart();
    await serve();
    await page.getByRole('link', { name: 'to-2' }).click();
    await text(says).waitFor();
    expect(await page.locator('.interval svg').count()).toBe(2);
    const words = await page.locator('.interval svg').first().getAttribute('aria-label');
    expect(words).toBe('0.120 (0.050 to 0.190) share; harm begins at 0.1');
    const x = (selector: string, name: string) =>
      page.locator(selector).first().getAttribute(name).then(Number);
    expect(await x('.interval-zero', 'x1')).toBeLessThan(await x('.interval-harm', 'x1'));
    expect(await x('.interval-range', 'x2')).toBeGreaterThan(await x('.interval-point', 'cx'));
    const looks = page.getByRole('list', { name: 'Checks of the gate' });
    expect(await looks.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Continues Look 1 of 3 .*: It is not known yet\.$/),
      expect.stringMatching(
        /^Failed Looks 2 to 3 of 3 made as one, 10 min late .*: detections: worse by 12 % \(5 to 19\), and .*\.$/,
      ),
    ]);
    await picture(page, 'rollout-gate');
    expect(dashboard.faults).toEqual([]);
  });

  it('that go back show why, and one button stops everything', async () => {
    fleet.behaviours.set('cam-2', 'goes-back');
    await fleet.create({
      model: { name: 'street', version: '2.0.0' },
      waves: [{ devices: ['cam-1', 'cam-2'], name: 'canary', soakMinutes: 10 }],
    });
    await fleet.turn(6);
    await page.getByRole('link', { name: 'to-2' }).click();
    await text('1 of 2 devices that gave an answer did badly').waitFor();
    await page.locator('.page-head', { hasText: 'Rolled back' }).waitFor();
    await picture(page, 'rollout-rolled-back');
    await fleet.create({ model: { name: 'street', version: '1.0.0' } }, { name: 'again' });
    await page.getByRole('link', { name: 'All rollouts' }).click();
    await page.getByRole('button', { name: 'Stop everything' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Stop everything' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('storm');
    await dialog.getByRole('button', { name: 'Stop everything' }).click();
    await text('All rollouts are stopped: storm').waitFor();
    await page.locator('tr', { hasText: 'again' }).getByText('Paused').waitFor();
    await picture(page, 'rollouts-stopped');
    const lift = page.getByRole('button', { name: 'Allow rollouts again' });
    const error = { code: 'no', message: 'It cannot be.', remedy: 'Ask again.' };
    await page.route('**/rollouts/freeze', (route) => route.fulfill({ status: 409, json: { error } }));
    await lift.click();
    await text('It cannot be. Ask again.').waitFor();
    await page.unroute('**/rollouts/freeze');
    await lift.click();
    await page.getByRole('button', { name: 'Stop everything' }).waitFor();
    expect(dashboard.faults.filter((each) => !each.includes('409 (Conflict)'))).toEqual([]);
  });
});
