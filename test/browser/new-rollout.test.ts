import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import { violationsOn } from './accessibility.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { RolloutDashboard } from './rollout-dashboard.ts';

const title = `A new rollout in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  let fleet: RolloutFleet;
  let dashboard: RolloutDashboard;
  let page: Page;

  beforeAll(async () => {
    fleet = await RolloutFleet.open([]);
    for (const id of ['cam-1', 'cam-2', 'cam-3']) await fleet.join(id, ['gate']);
    await fleet.join('cam-4', ['roof']);
    await fleet.push('2.0.0');
    dashboard = await RolloutDashboard.open(fleet, browser);
    ({ page } = dashboard);
  });
  afterAll(async () => {
    await dashboard?.close();
    await fleet.fleet.stop();
  });

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const step = (name: string) => page.locator('[aria-current="step"]', { hasText: name });
  /** By Tab alone, as somebody without a pointer. */
  async function tabTo(what: RegExp): Promise<void> {
    for (let tabs = 0; tabs < 80; tabs++) {
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement | null;
        if (element === document.body) return '';
        return `${element?.labels?.[0]?.textContent ?? ''} ${element?.textContent ?? ''}`.trim();
      });
      if (what.test(focused)) return;
      await press('Tab');
    }
    throw new Error(`Nothing with ${what} can be reached by Tab.`);
  }
  const next = async () => {
    await tabTo(/^Next$/);
    await press('Enter');
  };

  it('is made with the keyboard alone, and shows its devices by name before it starts', async () => {
    await page.getByRole('link', { name: 'New rollout' }).waitFor();
    await tabTo(/^New rollout$/);
    await press('Enter');
    await step('Model').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await next();
    await page.getByText('Choose a model.').waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await tabTo(/street 2\.0\.0/);
    await press('Space');
    await tabTo(/Name of the rollout/);
    expect(await page.getByLabel('Name of the rollout').inputValue()).toBe('street-2.0.0');
    await next();

    await step('Target').waitFor();
    await tabTo(/^gate$/);
    await press('Enter');
    const target = page.locator('.target-list');
    await target.getByText('Concerns 3 devices').waitFor();
    expect(await target.getByRole('listitem').allTextContents()).toEqual(['cam-1', 'cam-2', 'cam-3']);
    await picture(page, 'wizard-target');
    await next();

    await step('Waves').waitFor();
    await tabTo(/^Soak, minutes/);
    await press('ControlOrMeta+a');
    await page.keyboard.type('10');
    await picture(page, 'wizard-waves');
    await next();

    await step('Gate').waitFor();
    await page.locator('.gate-words li').first().waitFor();
    await picture(page, 'wizard-gate');
    await next();

    await step('Confirm').waitFor();
    const waves = page.locator('.wave-plan > li');
    await waves.first().waitFor();
    const named = await waves.locator('.tag').allTextContents();
    expect(named.sort()).toEqual(['cam-1', 'cam-2', 'cam-3']);
    await picture(page, 'wizard-confirm');
    await tabTo(/^Start the rollout$/);
    await press('Enter');
    await page.getByRole('heading', { name: 'street-2.0.0' }).waitFor();
    expect(fleet.show('street-2.0.0').policy).toMatchObject({
      target: { groups: ['gate'] },
      waves: [
        { count: 1, soakMinutes: 10 },
        { percent: 50, soakMinutes: 60 },
      ],
      gate: { metrics: [{ metric: 'detections' }, { metric: 'latency' }] },
    });
    expect(dashboard.faults).toEqual([]);
  });

  it('becomes an experiment instead of waves, with the devices of both parts by name', async () => {
    await page.goto(`${page.url().split('#')[0]}#/rollouts/new?group=roof`);
    await page.getByRole('radio').first().check();
    await page.getByLabel('Name of the rollout').fill('street-ab');
    const next = page.getByRole('button', { name: 'Next' });
    await next.click();
    await step('Target').waitFor();
    await next.click();
    await step('Waves').waitFor();
    await page.getByRole('button', { name: 'As an experiment' }).click();
    await page.getByLabel('B, percent of the cameras').fill('100');
    await picture(page, 'wizard-experiment');
    await next.click();
    await page.getByText('more than 0 and less than 100').waitFor();
    await page.getByLabel('Divide').selectOption('device');
    await page.getByLabel('Choose B by').selectOption('labels');
    await page.getByLabel('Labels of B, as key=value').fill('ring=canary');
    await picture(page, 'wizard-experiment-labels');
    await page.getByLabel('Divide').selectOption('camera');
    await page.getByLabel('B, percent of the cameras').fill('40');
    await next.click();
    await step('Gate').waitFor();
    await next.click();
    await step('Confirm').waitFor();
    await page.locator('.wave-plan', { hasText: 'cam-4' }).waitFor();
    await page.getByRole('button', { name: 'Start the rollout' }).click();
    await page.getByRole('heading', { name: 'street-ab' }).waitFor();
    const { policy } = fleet.show('street-ab');
    expect(policy).toMatchObject({ experiment: { by: 'camera', percent: 40 }, soakMinutes: 60 });
    expect(policy).not.toHaveProperty('waves');
    expect(dashboard.faults).toEqual([]);
  });

  it('says that a gate cannot decide, and the shortest soak that can where there is one', async () => {
    await page.goto(`${page.url().split('#')[0]}#/rollouts/new?group=gate`);
    await page.getByRole('radio').first().check();
    await page.getByLabel('Name of the rollout').fill('short');
    await page.getByRole('button', { name: 'Next' }).click();
    await step('Target').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await step('Waves').waitFor();
    for (const field of await page.getByLabel('Soak, minutes', { exact: true }).all()) await field.fill('1');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('The gate cannot decide: a wave would end in a pause.').waitFor();
    const { shortestSoakMinutes } = await fleet.rollouts.preview({
      name: 'short',
      policy: {
        model: { name: 'street' },
        target: { groups: ['gate'] },
        waves: [
          { count: 1, soakMinutes: 1 },
          { percent: 50, soakMinutes: 1 },
        ],
        soakMinutes: 0,
        gate: { metrics: [{ metric: 'detections' }, { metric: 'latency' }] },
      },
    });
    const words =
      shortestSoakMinutes === undefined
        ? 'A longer soak is not enough'
        : `The shortest soak that can: ${shortestSoakMinutes} min.`;
    await page.getByText(words).waitFor();
    await picture(page, 'wizard-undecided');
    expect(dashboard.faults).toEqual([]);
  });
});
