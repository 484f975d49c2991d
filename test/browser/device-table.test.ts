import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browserMissing } from './browser.ts';
import { fakeDashboard, hashOf, rowOf } from './fake-dashboard.ts';

const title = `The table of devices${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const dashboard = fakeDashboard();
  /** The pages of the list after the first one are on their way for as long as a test takes. */
  const holdTheRest = (page: Page) => page.route('**/devices?*after=*', () => undefined);

  it('shows the fleet, offline devices without numbers, and takes the token out of the address', async () => {
    const { page, faults } = await dashboard.open('/devices');
    await rowOf(page, 'gate-01').waitFor();
    expect(await page.locator('.row').count()).toBe(12);
    expect(await page.locator('.fleet-figures .figure-value').first().textContent()).toContain('11');
    expect(page.url()).not.toContain('token');
    const away = rowOf(page, 'yard-02');
    expect(await away.textContent()).toContain('Offline');
    expect(await away.locator('.cell-fps .value').textContent()).toBe('–');
    expect(await rowOf(page, 'gate-01').locator('.cell-fps .value').textContent()).toMatch(/^\d+\.\d$/);
    expect(faults).toEqual([]);
  });

  it('filters and sorts, and keeps the view in the address', async () => {
    const { page, faults } = await dashboard.open('/devices');
    await page.getByLabel('Search devices').fill('gate');
    await page.locator('.row').nth(4).waitFor({ state: 'detached' });
    expect(await page.locator('.row').count()).toBe(4);
    await page.getByLabel('Status').selectOption('online');
    await page.getByRole('button', { name: /Frames\/s/ }).click();
    await expect.poll(() => hashOf(page)).toBe('#/devices?q=gate&status=online&sort=fps&order=down');
    await page.getByLabel('Search devices').fill('no such device');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.locator('.row').nth(11).waitFor();
    expect(faults).toEqual([]);
  });

  it('has what needs attention on top, and moves no row while the pointer is on them', async () => {
    const { page, faults } = await dashboard.open('/devices');
    await page.locator('.row').nth(11).waitFor();
    await page.getByText('Loading: ').waitFor({ state: 'detached' });
    const rows = () => page.locator('.row .row-link').allTextContents();
    const first = await rows();
    const { devices } = dashboard.controller.fleet;
    const rank = (id: string) =>
      ['ok', 'offline', 'degraded', 'blind'].indexOf(devices.get(id)!.health.state);
    const ranks = first.map(rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    expect(ranks[0]).toBeGreaterThan(0);
    const last = first.at(-1)!;
    await page.locator('.row').nth(5).hover();
    const away = {
      ...{ ...devices.get(last)!, online: true },
      health: { state: 'blind' as const, reasons: ['front: frozen'], problems: [] },
    };
    devices.set(last, away);
    dashboard.controller.send('device', away);
    await page.locator('.row', { hasText: last }).getByText('Blind').first().waitFor();
    expect(await rows()).toEqual(first);
    await page.getByRole('button', { name: 'Sort again' }).click();
    await expect.poll(async () => (await rows()).indexOf(last), { timeout: 60_000 }).toBeLessThan(6);
    await page.getByRole('button', { name: 'Sort again' }).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('shows those that need attention before all devices have arrived', async () => {
    await dashboard.restartWith(300);
    const { devices } = dashboard.controller.fleet;
    const id = [...devices.keys()].sort().at(-1)!;
    const blind = { state: 'blind' as const, reasons: ['front: frozen'], problems: [] };
    devices.set(id, { ...devices.get(id)!, online: true, health: blind });
    const { page, faults } = await dashboard.open('/devices', 'viewer', { before: holdTheRest });
    await page.getByText('Loading: ').waitFor();
    await rowOf(page, id).waitFor();
    expect(faults).toEqual([]);
  });

  it('makes only the rows near the window of ten thousand, and reaches the last one', async () => {
    await dashboard.restartWith(10_000);
    const { page, faults } = await dashboard.open('/devices');
    await page.getByText('10\u202f000 devices').waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
    // The first rows are there before the rest has arrived.
    await page.getByText('Loading: ').waitFor({ state: 'detached' });
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.locator('.row[aria-rowindex="10001"]').waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
    expect(faults).toEqual([]);
  });

  it('shows figures and cameras, and finds a device, before all devices have arrived', async () => {
    await dashboard.restartWith(300);
    const last = [...dashboard.controller.fleet.devices.keys()].sort().at(-1)!;
    const { page, faults } = await dashboard.open('/', 'viewer', { before: holdTheRest });
    const figure = page.locator('.fleet-figures .figure-value').first();
    await expect.poll(() => figure.textContent(), { timeout: 60_000 }).toMatch(/^\d+.*of 300$/);
    await page.goto(`${dashboard.controller.url}/#/cameras`);
    await page.locator('.tile').first().waitFor();
    await page.getByText('Loading: ').waitFor();
    await page.goto(`${dashboard.controller.url}/#/devices`);
    await page.locator('.row').first().waitFor();
    await page.getByLabel('Search devices').fill(last);
    await rowOf(page, last).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Page, device/ }).fill(last);
    await page.getByRole('option', { name: `${last} Device` }).waitFor();
    expect(faults).toEqual([]);
  });

  it('has as little work in a frame while ten thousand devices scroll by as while three hundred do', async () => {
    const medianMs = async (devices: number): Promise<number> => {
      await dashboard.restartWith(devices);
      const { page } = await dashboard.open('/devices');
      const shown = devices.toLocaleString('en').replace(',', '\u202f');
      await page.locator('.panel-head', { hasText: `${shown} devices` }).waitFor();
      const session = await page.context().newCDPSession(page);
      // Time of the processor, so that what else this machine does counts for little.
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      const workMs = async (): Promise<number> => {
        const { metrics } = await session.send('Performance.getMetrics');
        const names = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];
        return (
          1000 * metrics.filter(({ name }) => names.includes(name)).reduce((sum, { value }) => sum + value, 0)
        );
      };
      const steps: number[] = [];
      for (let step = 0; step < 60; step += 1) {
        const before = await workMs();
        await page.evaluate(
          () =>
            new Promise((resolve) => {
              scrollBy(0, 200);
              requestAnimationFrame(() => requestAnimationFrame(resolve));
            }),
        );
        steps.push((await workMs()) - before);
      }
      expect(await page.evaluate(() => scrollY)).toBeGreaterThan(10_000);
      await session.detach();
      steps.sort((a, b) => a - b);
      return steps[30] ?? Infinity;
    };
    const few = await medianMs(300);
    const many = await medianMs(10_000);
    process.stdout.write(
      `scrolling: ${few.toFixed(1)} ms a step with 300 devices, ${many.toFixed(1)} with 10,000\n`,
    );
    expect(many / few).toBeLessThan(2);
  });

  it('tells an empty fleet how to begin', async () => {
    await dashboard.restartWith(0);
    const { page, faults } = await dashboard.open('/devices');
    await page.getByText('No device has reported yet').waitFor();
    expect(await page.locator('pre').textContent()).toContain('goshawk agent');
    expect(faults).toEqual([]);
  });
});
