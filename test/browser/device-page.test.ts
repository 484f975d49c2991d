import { describe, expect, it } from 'vitest';
import { fakeModels } from '../fakes/fake-fleet.ts';
import { browserMissing } from './browser.ts';
import { fakeDashboard, rowOf } from './fake-dashboard.ts';
import { dragAcross } from './layout.ts';

const title = `The page of a device${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const dashboard = fakeDashboard();

  it('shows a live picture with boxes over it, and numbers that change', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    const colored = (selector: string) =>
      page.evaluate((name) => {
        const canvas = document.querySelector<HTMLCanvasElement>(name);
        const context = canvas?.getContext('2d');
        if (!canvas || !context) return 0;
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        let visible = 0;
        for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 0) visible += 1;
        return visible / (data.length / 4);
      }, selector);
    expect(await colored('.picture-pixels')).toBe(1);
    const boxes = await colored('.picture-boxes');
    expect(boxes).toBeGreaterThan(0.001);
    expect(boxes).toBeLessThan(0.5);
    // Not every street has a car in its first picture.
    await page.locator('.picture[aria-label*="car"]').waitFor();
    const before = await page.locator('.device-figures .figure-value').first().textContent();
    await page.waitForFunction(
      (old) => document.querySelector<HTMLElement>('.device-figures .figure-value')?.textContent !== old,
      before,
    );
    await page.locator('.chart-plot canvas').nth(1).waitFor();
    await dragAcross(page.locator('.charts .u-over').first());
    const whole = page.locator('.charts-panel').getByRole('button', { name: 'Whole time' });
    await whole.click();
    await whole.waitFor({ state: 'detached' });
    expect(await page.locator('.stages tbody tr').count()).toBe(3);
    expect(faults).toEqual([]);
  });

  it('orders another model after a question that says what happens, and shows the way until it serves', async () => {
    const { name, version, digest } = fakeModels[1]!;
    dashboard.controller.fleet.settings.set('gate-01', { pipelines: { front: { scoreThreshold: 0.4 } } });
    const { page, faults } = await dashboard.open('/devices/gate-01');
    // By the keyboard: panels above it may still grow, and a click would meet what has moved there.
    await page.getByRole('button', { name: 'Change model' }).press('Enter');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('radio', { name: /fastestdet/ }).isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: new RegExp(version) }).check();
    expect(await dialog.textContent()).toContain('keeps serving');
    expect(await dialog.locator('.target-list').textContent()).toContain('Concerns 1 devicegate-01');
    dashboard.controller.holdsAt = 'preparing';
    await dialog.getByRole('button', { name: `Deploy ${name} ${version}` }).click();
    for (const state of ['preparing', 'probation', 'committed']) {
      dashboard.controller.holdsAt = state;
      await page.locator(`[data-deployment="${state}"]`).waitFor();
    }
    await page.locator('.loaded-name', { hasText: version }).waitFor();
    const put = dashboard.controller.requests.filter((request) => request.method === 'PUT');
    expect(put).toEqual([
      {
        method: 'PUT',
        path: 'devices/gate-01/desired',
        body: {
          pipelines: { front: { scoreThreshold: 0.4 } },
          slots: { main: { model: { name, version, digest } } },
        },
        role: 'operator',
      },
    ]);
    expect(faults).toEqual([]);
  });

  it('shows how every camera fares, what is wrong with it, and what to do', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01');
    const camera = (name: string) => page.locator(`[data-camera="${name}"]`);
    await camera('front').getByText('OK').waitFor();
    const front = await camera('front').textContent();
    expect(front).toMatch(
      /Connected2 h.*Connections2.*Frames\/s\d+\.\d of 25.*Bytes.*Decode errors3.*Last frame0\.0 s ago/,
    );
    const rear = await camera('rear').textContent();
    expect(rear).toContain('Fault');
    expect(rear).toContain('Look at its cable');
    expect(rear).toContain('Node plates: The node "plates" cuts out "truck"');
    expect(faults).toEqual([]);
  });

  it('sends only the pipeline settings that were changed', async () => {
    const { page, faults } = await dashboard.open('/devices/dock-01');
    await page.getByRole('switch', { name: /Detection/ }).uncheck();
    await page.getByRole('button', { name: 'pedestrian' }).click();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.notice-ok').waitFor();
    expect(dashboard.controller.requests.find((request) => request.method === 'PUT')?.body).toEqual({
      pipelines: { front: { enabled: false, classes: ['pedestrian'] } },
    });
    await page.getByText('Frames are ignored').waitFor();
    // Once the device reports what was asked there is nothing left to apply.
    await page.locator('button:disabled', { hasText: 'Apply' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('draws a zone and a line on the picture, and sends them with the settings that are there', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    const draw = async (kind: 'zone' | 'line', corners: readonly (readonly [number, number])[]) => {
      await page.getByRole('button', { name: `Draw a ${kind}` }).click();
      const layer = page.locator('.picture-drawing');
      await layer.scrollIntoViewIfNeeded();
      const { width, height } = (await layer.boundingBox())!;
      for (const [x, y] of corners) await layer.click({ position: { x: x * width, y: y * height } });
    };
    const apply = async (name: string) => {
      await page.locator('.rules-form').getByRole('button', { name: 'Apply' }).click();
      await page.getByRole('button', { name, exact: true }).waitFor();
    };
    await draw('zone', [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.5, 0.75],
    ]);
    await page.getByLabel('Name', { exact: true }).fill('gate');
    await page.getByLabel('Event after this many seconds inside').fill('20');
    await page.getByLabel('Event from this many objects inside').fill('3');
    await page.getByLabel(/^Event above this speed/).fill('0.5');
    await apply('gate');
    await draw('line', [
      [0.2, 0.5],
      [0.8, 0.5],
    ]);
    await page.getByLabel(/^Count/).selectOption('out');
    await apply('line-1');
    const pipelines = dashboard.controller.fleet.settings.get('gate-01')?.pipelines ?? {};
    const { rules } = Object.values(pipelines)[0]!;
    expect(rules?.zones?.gate).toMatchObject({ dwellSeconds: 20, minimumCount: 3, speedLimit: 0.5 });
    expect(rules?.zones?.gate?.points.map(([x, y]) => [x.toFixed(1), y.toFixed(1)])).toEqual([
      ['0.3', '0.3'],
      ['0.8', '0.3'],
      ['0.5', '0.8'],
    ]);
    expect(rules?.lines?.['line-1']).toMatchObject({ direction: 'out' });
    expect(rules?.lines?.['line-1']?.points).toHaveLength(2);
    await page.getByRole('button', { name: 'gate', exact: true }).click();
    expect(await page.getByLabel('Event after this many seconds inside').inputValue()).toBe('20');
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'gate', exact: true }).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('greys the values of a device that went away and says since when', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    dashboard.controller.send(
      'device',
      dashboard.controller.fleet.change('gate-01', { online: false, offlineReason: 'connection-lost' }),
    );
    await page.getByText('Last seen').waitFor();
    expect(await page.locator('.device-figures .figure:not(.stale)').count()).toBe(0);
    expect(await page.locator('.stage-stale').count()).toBe(1);
    expect(await page.locator('.stage-badge').textContent()).toContain('Offline');
    expect(faults).toEqual([]);
  });

  it('keeps what it showed of a device while the controller is away, and names one that it did not show', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01');
    await page.locator('.loaded-name').waitFor();
    const goTo = (path: string) =>
      page.evaluate((hash) => {
        location.hash = hash;
      }, `#${path}`);
    await goTo('/devices');
    await rowOf(page, 'gate-01').waitFor();
    await dashboard.controller.stop();
    await page.locator('.banner-error').waitFor();
    await goTo('/devices/gate-01');
    await page.locator('.loaded-name').waitFor();
    await goTo('/devices/dock-01');
    await page.getByRole('heading', { name: 'dock-01' }).waitFor();
    await page.getByText('did not respond').first().waitFor();
    await dashboard.controller.start();
    await page.locator('.loaded-name').waitFor();
    expect(faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
  });

  it('lets a camera learn the new normal, and keeps its other settings', async () => {
    dashboard.controller.fleet.settings.set('dock-01', { pipelines: { front: { scoreThreshold: 0.4 } } });
    const { page, faults } = await dashboard.open('/devices/dock-01');
    await page.getByRole('button', { name: 'New normal? Learn it' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Learn for').selectOption('72');
    await dialog.getByRole('button', { name: 'Start learning' }).click();
    await page.getByText('was ordered to learn what is usual').waitFor();
    const put = dashboard.controller.requests.filter((request) => request.method === 'PUT');
    expect(put).toMatchObject([
      {
        path: 'devices/dock-01/desired',
        body: {
          pipelines: {
            front: { scoreThreshold: 0.4, drift: { learn: { hours: 72, timesOfDay: 24 } } },
          },
        },
      },
    ]);
    expect(faults).toEqual([]);
    const { page: other } = await dashboard.open('/devices/dock-01', 'viewer');
    await other.locator('.incident').waitFor();
    expect(await other.getByRole('button', { name: /Learn/ }).count()).toBe(0);
  });
});
