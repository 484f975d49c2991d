import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { metricNames } from '../../src/api/index.ts';
import { browserMissing } from './browser.ts';
import { fakeDashboard, hashOf } from './fake-dashboard.ts';
import { dragAcross, picture } from './layout.ts';

const title = `The charts of the dashboard${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const dashboard = fakeDashboard();
  let page: Page;
  let faults: string[];
  /** What was asked for, newest last. */
  let asked: URL[];

  async function open(path: string): Promise<void> {
    asked = [];
    const before = (opening: Page) => opening.on('request', (request) => asked.push(new URL(request.url())));
    ({ page, faults } = await dashboard.open(path, 'operator', { before }));
  }
  const query = () => new URLSearchParams(hashOf(page).split('?')[1] ?? '');
  const panel = (name: string) => page.getByRole('region', { name, exact: true });
  const pressed = (where: Locator, name: string) =>
    where.getByRole('button', { name, exact: true, pressed: true }).waitFor();
  const historiesOf = (name: string) =>
    asked
      .filter((url) => url.pathname.endsWith('/metrics') && url.searchParams.get('name') === name)
      .map(({ searchParams }) => ({
        from: Number(searchParams.get('from')),
        to: Number(searchParams.get('to')),
      }));

  async function zoom(where: Locator): Promise<void> {
    await dragAcross(where.locator('.u-over').first());
  }

  it('keep their span and what was zoomed in to in the address, over a reload and on another page', async () => {
    await open('/devices/gate-01?camera=front');
    const charts = panel('Over time');
    await charts.getByRole('button', { name: '6 h', exact: true }).click();
    await pressed(panel('Drift'), '6 h');
    expect([...query()]).toEqual([
      ['camera', 'front'],
      ['span', '6h'],
    ]);
    await zoom(charts);
    await pressed(charts, 'Custom');
    const window = query().get('window');
    expect(window).toMatch(/^\d{8}T\d{6}Z-\d{8}T\d{6}Z$/);
    const from = await charts.getByLabel('From').inputValue();

    asked.length = 0;
    await page.reload();
    await pressed(charts, 'Custom');
    expect(await charts.getByLabel('From').inputValue()).toBe(from);
    expect(await panel('Drift').getByLabel('From').inputValue()).toBe(from);
    await charts.locator('canvas').first().waitFor();
    const [shown] = historiesOf(metricNames.fps);
    expect(shown).toEqual(historiesOf(metricNames.driftScore)[0]);
    expect(shown!.to - shown!.from).toBeGreaterThan(1.5 * 3_600_000);
    expect(shown!.to - shown!.from).toBeLessThan(2.1 * 3_600_000);

    const address = new URLSearchParams({ span: '6h', window: window! });
    await page.goto(`${dashboard.controller.url}/#/cameras/gate-01/front?${address}`);
    await pressed(panel('Detections'), 'Custom');
    expect(await panel('Detections').getByLabel('From').inputValue()).toBe(from);
    await panel('Detections').getByRole('button', { name: 'Whole time' }).click();
    await pressed(panel('Drift'), '6 h');
    expect([...query()]).toEqual([['span', '6h']]);
    expect(faults).toEqual([]);
  });

  it('take a window from the keyboard, and say of one that ends before it begins that it does', async () => {
    await open('/devices/gate-01?window=20261201T090000Z-20261201T100000Z');
    const charts = panel('Over time');
    const to = charts.getByLabel('To');
    await to.fill('2026-11-30T09:00:00');
    await charts.getByText('The end must be after the beginning.').waitFor();
    expect(query().get('window')).toBe('20261201T090000Z-20261201T100000Z');
    await charts.getByLabel('From').fill('2026-11-29T09:00:00');
    await charts.getByText('The end must be after the beginning.').waitFor({ state: 'detached' });
    const [fromMs, toMs] = ['2026-11-29T09:00:00', '2026-11-30T09:00:00'].map((text) => Date.parse(text));
    await expect.poll(() => historiesOf(metricNames.fps).at(-1)).toEqual({ from: fromMs, to: toMs });
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'charts-window');
    expect(faults).toEqual([]);
  });

  it('share their range with the activity, which shows what happened then', async () => {
    const noon = Date.UTC(2026, 11, 1, 12);
    const { fleet } = dashboard.controller;
    fleet.addEvent('gate-01', 'camera.lost', 'error', 'It was lost at noon.', noon);
    fleet.addEvent('gate-01', 'camera.back', 'info', 'It came back at one.', noon + 3_600_000);
    await open('/activity?kind=camera&window=20261201T114500Z-20261201T121500Z');
    await page.getByText('It was lost at noon.').waitFor();
    expect(await page.getByText('It came back at one.').count()).toBe(0);
    // What comes meanwhile is of another time.
    dashboard.controller.send(
      'event',
      fleet.addEvent('gate-01', 'camera.fault', 'error', 'Now.', Date.now()),
    );
    await page.reload();
    await page.getByText('It was lost at noon.').waitFor();
    expect(await page.getByText('Now.').count()).toBe(0);
    await picture(page, 'activity-window');
    await page.getByRole('button', { name: '15 min' }).click();
    await page.getByText('Now.').waitFor();
    expect(await page.getByText('It was lost at noon.').count()).toBe(0);
    expect([...query()]).toEqual([
      ['kind', 'camera'],
      ['span', '15m'],
    ]);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText('It came back at one.').waitFor();
    expect([...query()]).toEqual([['kind', 'camera']]);
    expect(faults).toEqual([]);
  });

  it.each([
    ['Detections', '/cameras/gate-01/front', 'front'],
    ['Drift', '/cameras/gate-01/front', 'front'],
    ['Over time', '/devices/gate-01', 'rear'],
  ])('mark in the panel %s what changed its lines', async (name, path, camera) => {
    const at = Date.UTC(2026, 11, 1, 12);
    const { fleet } = dashboard.controller;
    fleet.addEvent('gate-01', 'camera.filter-changed', 'info', 'Classes: all -> car.', at, camera);
    fleet.addEvent('gate-01', 'model.swapped', 'info', 'street 1 -> street 2', at - 1_200_000);
    fleet.addEvent('gate-01', 'drift.alarm', 'info', 'Of another camera', at + 1_200_000, 'side');
    await open(`${path}?window=20261201T113000Z-20261201T123000Z`);
    const plot = panel(name).locator('.u-over').first();
    const says = async (share: number): Promise<string | undefined> => {
      // By the locator, not by the mouse's place: panels above grow when their data comes.
      const { width } = (await plot.boundingBox())!;
      await plot.hover({ position: { x: width * share - 1, y: 40 } });
      await plot.hover({ position: { x: width * share, y: 40 } });
      const mark = panel(name).locator('.chart-event');
      return (await mark.count()) === 0 ? undefined : ((await mark.first().textContent()) ?? undefined);
    };
    await expect.poll(() => says(1 / 6)).toMatch(/street 1 -> street 2$/);
    await expect.poll(() => says(1 / 2)).toMatch(/Classes: all -> car\.$/);
    const other = await says(5 / 6);
    if (name === 'Over time') expect(other).toMatch(/Of another camera$/);
    else expect(other).toBeUndefined();
    expect(faults).toEqual([]);
  });

  it('are compared with the same time a day and a week before, and with nothing', async () => {
    const window = 'window=20261201T113000Z-20261201T123000Z';
    await open(`/devices/gate-01?${window}`);
    const charts = panel('Over time');
    const keys = (name: string) => charts.locator('.chart-key', { hasText: name });
    await keys('fps').waitFor();
    await charts.getByLabel('Compare with').selectOption('A day before');
    await keys('fps, a day before').waitFor();
    await keys('p99, a day before').waitFor();
    expect(query().get('compare')).toBe('-1d');
    const noon = Date.UTC(2026, 11, 1, 12);
    const asked24h = { from: noon - 1_800_000 - 86_400_000, to: noon + 1_800_000 - 86_400_000 };
    expect(historiesOf(metricNames.fps)).toContainEqual(asked24h);
    expect(await keys('fps, a day before').locator('.swatch-dashed').count()).toBe(1);
    // The pointer reads both at one time of the day.
    const plot = charts.locator('.u-over').first();
    await expect
      .poll(async () => {
        await plot.hover({ position: { x: 100, y: 40 } });
        return charts.locator('.chart').first().locator('.chart-key b').allTextContents();
      })
      .toEqual([expect.stringMatching(/^\d+\.\d$/), expect.stringMatching(/^\d+\.\d$/)]);
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'charts-day-before');
    await charts.getByLabel('Compare with').selectOption('A week before');
    await keys('fps, a week before').waitFor();
    expect(await keys('a day before').count()).toBe(0);
    await charts.getByLabel('Compare with').selectOption('Nothing');
    await keys('a week before').first().waitFor({ state: 'detached' });
    expect([...query().keys()]).toEqual(['window']);
    expect(faults).toEqual([]);
  });

  it('are compared with another device that the controller finds, by the keyboard, over a reload', async () => {
    dashboard.controller.withoutHistory.add('yard-01');
    await open('/devices/gate-01');
    const charts = panel('Over time');
    const choice = charts.getByLabel('Compare with');
    const field = charts.getByRole('combobox', { name: 'Device', exact: true });
    await choice.focus();
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowDown');
    await field.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('gate-0');
    const searched = () => asked.some(({ searchParams }) => searchParams.get('search') === 'gate-0');
    await expect.poll(searched).toBe(true);
    const offered = charts.locator('datalist option');
    await expect.poll(() => offered.count()).toBe(3);
    expect(await offered.first().getAttribute('value')).toBe('gate-02');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await charts.locator('.chart-key', { hasText: 'fps, gate-02' }).waitFor();
    expect(query().get('compare')).toBe('gate-02');
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'charts-other-device');

    await page.reload();
    await charts.locator('.chart-key', { hasText: 'p50, gate-02' }).waitFor();
    expect(await field.inputValue()).toBe('gate-02');

    // What is missing is said, and drawn as nothing.
    await field.fill('yard-01');
    await page.keyboard.press('Enter');
    await charts.getByText('yard-01 has no data in this period.').first().waitFor();
    const keys = charts.locator('.chart').first().locator('.chart-key');
    const texts = [expect.stringMatching(/^ ?fps \d+\.\d$/), 'fps, yard-01 –'];
    await expect.poll(() => keys.allTextContents()).toEqual(texts);
    await field.fill('not-there');
    await charts.getByText('No other device matches.').waitFor();
    await page.keyboard.press('Enter');
    await charts.getByText('There is no device not-there.').first().waitFor();
    expect(faults.filter((one) => !one.includes('404'))).toEqual([]);
  });

  it('are there on a page that was opened before, while the controller is away', async () => {
    await open('/devices/gate-01?span=6h&compare=-1d');
    const lines = (name: string) => panel(name).locator('.chart-plot canvas').first();
    const go = (hash: string) =>
      page.evaluate((to) => {
        location.hash = to;
      }, hash);
    await panel('Over time').locator('.chart-key', { hasText: 'fps, a day before' }).waitFor();
    await lines('Drift').waitFor();
    await go('#/models');
    await page.getByRole('heading', { name: 'Models' }).first().waitFor();
    await dashboard.controller.stop();
    await go('#/devices/gate-01?span=6h&compare=-1d');
    await lines('Over time').waitFor();
    await lines('Drift').waitFor();
    await panel('Over time').locator('.chart-key', { hasText: 'fps, a day before' }).waitFor();
    // Another time was never asked for: that is no period without data.
    await panel('Over time').getByRole('button', { name: '7 days' }).click();
    await panel('Over time').getByText('The history could not be loaded').first().waitFor();
    expect(await page.getByText('No data in this period').count()).toBe(0);
  });
});
