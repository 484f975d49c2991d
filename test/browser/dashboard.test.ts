import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeController } from '../fakes/fake-controller.ts';
import { fakeModels } from '../fakes/fake-fleet.ts';
import { foggyView } from '../fakes/fake-fleet-drift.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { dragAcross } from './layout.ts';

const title = `The dashboard in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const browser = dashboardBrowser();
  let controller: FakeController;
  let page: Page;
  let faults: string[];

  beforeEach(async () => {
    controller = new FakeController({ page: browser.folder, devices: 12 });
    await controller.start();
  });
  afterEach(async () => {
    await page?.context().close();
    await controller.stop();
  });

  async function open(path: string, role = 'operator', options: BrowserContextOptions = {}): Promise<void> {
    const viewport = { width: 1440, height: 900 };
    ({ page, faults } = await browser.open({ viewport, ...options }));
    await page.goto(`${controller.url}/#token=${role}-token&to=${encodeURIComponent(path)}`);
  }
  const hash = () => new URL(page.url()).hash;
  const textOf = (selector: string) => page.locator(selector).first().textContent();
  const device = (id: string) =>
    page.locator('.row', { has: page.getByRole('link', { name: id, exact: true }) });

  it('shows the fleet, offline devices without numbers, and takes the token out of the address', async () => {
    await open('/devices');
    await device('gate-01').waitFor();
    expect(await page.locator('.row').count()).toBe(12);
    expect(await textOf('.fleet-figures .figure-value')).toContain('11');
    expect(page.url()).not.toContain('token');
    const away = device('yard-02');
    expect(await away.textContent()).toContain('Offline');
    expect(await away.locator('.cell-fps .value').textContent()).toBe('–');
    expect(await device('gate-01').locator('.cell-fps .value').textContent()).toMatch(/^\d+\.\d$/);
    expect(faults).toEqual([]);
  });

  it('asks before a link with another token takes the place of an open session', async () => {
    await open('/devices', 'viewer');
    await device('gate-01').waitFor();
    const held = () => page.evaluate(() => sessionStorage.getItem('goshawk.token'));
    const link = () =>
      page.evaluate(() => {
        location.hash = '#token=operator-token&to=/drift';
      });
    for (const [button, token] of [
      ['Stay signed in', 'viewer-token'],
      ['Use the token of the link', 'operator-token'],
    ] as const) {
      await link();
      await page.getByRole('alertdialog').waitFor();
      expect(await held()).toBe('viewer-token');
      expect(page.url()).not.toContain('token');
      await page.getByRole('button', { name: button }).click();
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      expect(await held()).toBe(token);
    }
    // The same token again is no other session.
    await link();
    await expect.poll(() => page.url()).not.toContain('token');
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('filters and sorts, and keeps the view in the address', async () => {
    await open('/devices');
    await page.getByLabel('Search devices').fill('gate');
    await page.locator('.row').nth(4).waitFor({ state: 'detached' });
    expect(await page.locator('.row').count()).toBe(4);
    await page.getByLabel('Status').selectOption('online');
    await page.getByRole('button', { name: /Frames\/s/ }).click();
    await expect.poll(hash).toBe('#/devices?q=gate&status=online&sort=fps&order=down');
    await page.getByLabel('Search devices').fill('no such device');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.locator('.row').nth(11).waitFor();
    expect(faults).toEqual([]);
  });

  it('has what needs attention on top, and moves no row while the pointer is on them', async () => {
    await open('/devices');
    await page.locator('.row').nth(11).waitFor();
    await page.getByText('Loading: ').waitFor({ state: 'detached' });
    const rows = () => page.locator('.row .row-link').allTextContents();
    const first = await rows();
    const { devices } = controller.fleet;
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
    controller.send('device', away);
    await page.locator('.row', { hasText: last }).getByText('Blind').first().waitFor();
    expect(await rows()).toEqual(first);
    await page.getByRole('button', { name: 'Sort again' }).click();
    await expect.poll(async () => (await rows()).indexOf(last), { timeout: 60_000 }).toBeLessThan(6);
    await page.getByRole('button', { name: 'Sort again' }).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('shows those that need attention before all devices have arrived', async () => {
    await controller.stop();
    controller = new FakeController({ page: browser.folder, devices: 300 });
    await controller.start();
    const id = [...controller.fleet.devices.keys()].sort().at(-1)!;
    const blind = { state: 'blind' as const, reasons: ['front: frozen'], problems: [] };
    controller.fleet.devices.set(id, { ...controller.fleet.devices.get(id)!, online: true, health: blind });
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
    await page.route('**/devices?*after=*', () => undefined);
    await page.goto(`${controller.url}/#token=viewer-token&to=/devices`);
    await page.getByText('Loading: ').waitFor();
    await device(id).waitFor();
    expect(faults).toEqual([]);
  });

  it('makes only the rows near the window of ten thousand, and reaches the last one', async () => {
    await controller.stop();
    controller = new FakeController({ page: browser.folder, devices: 10_000 });
    await controller.start();
    await open('/devices');
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
    await controller.stop();
    controller = new FakeController({ page: browser.folder, devices: 300 });
    await controller.start();
    const last = [...controller.fleet.devices.keys()].sort().at(-1)!;
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
    // The pages of the list after the first one are on their way for as long as this test takes.
    await page.route('**/devices?*after=*', () => undefined);
    await page.goto(`${controller.url}/#token=viewer-token&to=/`);
    const figure = page.locator('.fleet-figures .figure-value').first();
    await expect.poll(() => figure.textContent(), { timeout: 60_000 }).toMatch(/^\d+.*of 300$/);
    await page.goto(`${controller.url}/#/cameras`);
    await page.locator('.tile').first().waitFor();
    await page.getByText('Loading: ').waitFor();
    await page.goto(`${controller.url}/#/devices`);
    await page.locator('.row').first().waitFor();
    await page.getByLabel('Search devices').fill(last);
    await device(last).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Page, device/ }).fill(last);
    await page.getByRole('option', { name: `${last} Device` }).waitFor();
    expect(faults).toEqual([]);
  });

  it('has as little work in a frame while ten thousand devices scroll by as while three hundred do', async () => {
    const medianMs = async (devices: number): Promise<number> => {
      await controller.stop();
      controller = new FakeController({ page: browser.folder, devices });
      await controller.start();
      await open('/devices');
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

  it('shows a live picture with boxes over it, and numbers that change', async () => {
    await open('/devices/gate-01');
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
    const before = await textOf('.device-figures .figure-value');
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
    controller.fleet.settings.set('gate-01', { pipelines: { front: { scoreThreshold: 0.4 } } });
    await open('/devices/gate-01');
    // By the keyboard: panels above it may still grow, and a click would meet what has moved there.
    await page.getByRole('button', { name: 'Change model' }).press('Enter');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('radio', { name: /fastestdet/ }).isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: new RegExp(version) }).check();
    expect(await dialog.textContent()).toContain('keeps serving');
    expect(await dialog.locator('.target-list').textContent()).toContain('Concerns 1 devicegate-01');
    controller.holdsAt = 'preparing';
    await dialog.getByRole('button', { name: `Deploy ${name} ${version}` }).click();
    for (const state of ['preparing', 'probation', 'committed']) {
      controller.holdsAt = state;
      await page.locator(`[data-deployment="${state}"]`).waitFor();
    }
    await page.locator('.loaded-name', { hasText: version }).waitFor();
    const put = controller.requests.filter((request) => request.method === 'PUT');
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
    await open('/devices/gate-01');
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
    await open('/devices/dock-01');
    await page.getByRole('switch', { name: /Detection/ }).uncheck();
    await page.getByRole('button', { name: 'pedestrian' }).click();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.notice-ok').waitFor();
    expect(controller.requests.find((request) => request.method === 'PUT')?.body).toEqual({
      pipelines: { front: { enabled: false, classes: ['pedestrian'] } },
    });
    await page.getByText('Frames are ignored').waitFor();
    // Once the device reports what was asked there is nothing left to apply.
    await page.locator('button:disabled', { hasText: 'Apply' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('draws a zone and a line on the picture, and sends them with the settings that are there', async () => {
    await open('/devices/gate-01');
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
    const pipelines = controller.fleet.settings.get('gate-01')?.pipelines ?? {};
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

  it('offers a viewer nothing that would be refused', async () => {
    await open('/devices/gate-01', 'viewer');
    await page.locator('.loaded-name').waitFor();
    expect(await page.getByRole('button', { name: /Change model|Apply|Remove/ }).count()).toBe(0);
    expect(await page.getByRole('switch').isDisabled()).toBe(true);
    expect(await page.getByRole('link', { name: /Claims|Rules|People/ }).count()).toBe(0);
    await page.goto(`${controller.url}/#/settings/people`);
    await page.getByText('Only admins can see this page').waitFor();
    await page.goto(`${controller.url}/#/models`);
    await page.getByText('7be412').first().waitFor();
    expect(await page.getByRole('button', { name: 'Change model' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('greys the values of a device that went away and says since when', async () => {
    await open('/devices/gate-01');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    controller.send(
      'device',
      controller.fleet.change('gate-01', { online: false, offlineReason: 'connection-lost' }),
    );
    await page.getByText('Last seen').waitFor();
    expect(await page.locator('.device-figures .figure:not(.stale)').count()).toBe(0);
    expect(await page.locator('.stage-stale').count()).toBe(1);
    expect(await page.locator('.stage-badge').textContent()).toContain('Offline');
    expect(faults).toEqual([]);
  });

  it('says that the controller is gone, greys its values, and is live again when it returns', async () => {
    await open('/devices');
    await page.locator('.line-live').waitFor();
    await device('gate-01').waitFor();
    await controller.stop();
    await page.locator('.banner-error', { hasText: 'This page shows the state of' }).waitFor();
    expect(await page.locator('main.page-stale').count()).toBe(1);
    controller.fleet.change('gate-01', { warnings: 77 });
    await controller.start();
    await page.locator('.line-live').waitFor();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await device('gate-01').getByText('77').waitFor();
    expect(faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
  });

  it('keeps what it showed of a device while the controller is away, and names one that it did not show', async () => {
    await open('/devices/gate-01');
    await page.locator('.loaded-name').waitFor();
    const goTo = (path: string) =>
      page.evaluate((hash) => {
        location.hash = hash;
      }, `#${path}`);
    await goTo('/devices');
    await device('gate-01').waitFor();
    await controller.stop();
    await page.locator('.banner-error').waitFor();
    await goTo('/devices/gate-01');
    await page.locator('.loaded-name').waitFor();
    await goTo('/devices/dock-01');
    await page.getByRole('heading', { name: 'dock-01' }).waitFor();
    await page.getByText('did not respond').first().waitFor();
    await controller.start();
    await page.locator('.loaded-name').waitFor();
    expect(faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
  });

  it('asks for a token, and says why when the one it had is not known', async () => {
    await open('/devices', 'wrong');
    await page.getByRole('alert').filter({ hasText: 'This token is not known' }).waitFor();
    await page.getByLabel('Access token').fill('viewer-token');
    await page.keyboard.press('Enter');
    await device('gate-01').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('shows what drifts, whose alarm it is, and leads to the evidence', async () => {
    await open('/drift');
    await page.locator('.cameras tbody tr').nth(14).waitFor();
    expect(await textOf('.cameras tbody tr')).toContain('Sensor fault: frozen');
    expect(await page.locator('.cameras tr', { hasText: 'yard-03' }).textContent()).toContain('Not yet');
    const shared = page.locator('.cohort');
    expect(await page.locator('.cameras tr', { hasText: 'yard-03' }).textContent()).toContain('Notice');
    expect(await page.locator('.cameras tr', { hasText: 'dock-01' }).first().textContent()).toContain(
      'about 23 % lost',
    );
    expect(await page.locator('.drift-figures').textContent()).toContain('3 notices');
    expect(await shared.textContent()).toContain('Group dock');
    expect(await shared.textContent()).toContain('3 of 4 cameras');
    expect(await page.locator('.nav-count').textContent()).toContain('2');
    await page.getByLabel('Verdict').selectOption('scene-change');
    await page.locator('.cameras tbody tr').nth(3).waitFor({ state: 'detached' });
    await expect.poll(hash).toBe('#/drift?verdict=scene-change');
    await page.getByRole('link', { name: 'dock-01 front' }).click();
    const incident = page.locator('.incident');
    await incident.waitFor();
    expect(await incident.textContent()).toContain('Scene change: hazier');
    expect(await incident.locator('.signals tbody tr').count()).toBe(5);
    const greys = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.evidence-picture');
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return new Set(data).size;
    });
    // Every grey of the evidence, and the opacity.
    expect(greys).toBe(new Set([...Buffer.from(foggyView().grey, 'base64'), 255]).size);
    await page.locator('.drift-charts canvas').nth(1).waitFor();
    await incident.getByRole('button', { name: 'Show the frame' }).click();
    await page.locator('.evidence-frame canvas:not(.off-screen)').waitFor();
    expect(faults).toEqual([]);
  });

  it('lets a camera learn the new normal, and keeps its other settings', async () => {
    controller.fleet.settings.set('dock-01', { pipelines: { front: { scoreThreshold: 0.4 } } });
    await open('/devices/dock-01');
    await page.getByRole('button', { name: 'New normal? Learn it' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Learn for').selectOption('72');
    await dialog.getByRole('button', { name: 'Start learning' }).click();
    await page.getByText('was ordered to learn what is usual').waitFor();
    const put = controller.requests.filter((request) => request.method === 'PUT');
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
    await page.context().close();
    await open('/devices/dock-01', 'viewer');
    await page.locator('.incident').waitFor();
    expect(await page.getByRole('button', { name: /Learn/ }).count()).toBe(0);
  });

  it('lets an operator acknowledge an alert, and a viewer only look', async () => {
    await open('/drift');
    const alert = page.locator('.alert-row', { hasText: 'gate-01' });
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await alert.getByText('Acknowledged by operator of the test').waitFor();
    expect(await alert.getByRole('button').count()).toBe(0);
    expect(await page.locator('.alert-row', { hasText: 'group dock' }).textContent()).toContain(
      'Not delivered: hooks.example answered 503.',
    );
    await page.context().close();
    await open('/drift', 'viewer');
    await page.locator('.alert-row').first().waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await page.goto(`${controller.url}/#/settings/rules`);
    await page.getByText('Only admins can see this page').waitFor();
    expect(faults).toEqual([]);
  });

  it('makes, changes and deletes a rule, and shows the key of its webhook once', async () => {
    await open('/settings/rules', 'admin');
    await page.getByText('No rules yet').waitFor();
    await page.getByRole('button', { name: 'New rule' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Create rule' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name').fill('model worse');
    await dialog.getByRole('button', { name: 'sensor fault' }).click();
    await dialog.getByRole('button', { name: 'model regression' }).click();
    await dialog.getByLabel('Only these groups').fill('dock, yard');
    await dialog.getByRole('switch', { name: /Record a clip/ }).check();
    await dialog.getByLabel('Seconds before').fill('20');
    await dialog.getByLabel('Notify').fill('https://hooks.example/T0');
    await dialog.getByRole('button', { name: 'Create rule' }).click();
    await page.getByText('c0ffee'.repeat(10)).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    const row = page.locator('.rules tbody tr');
    expect(await row.textContent()).toContain('model regression');
    expect(controller.requests.find(({ method }) => method === 'POST')?.body).toEqual({
      name: 'model worse',
      enabled: true,
      when: { kind: 'drift', verdicts: ['model-regression'] },
      forSeconds: 60,
      scope: { groups: ['dock', 'yard'], devices: [] },
      severity: 'error',
      renotifyMinutes: 240,
      clip: { before: 20 },
      notify: { to: 'https://hooks.example/T0' },
    });
    await row.getByRole('button', { name: 'Test' }).click();
    await page.getByText('answered 404').waitFor();
    await row.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByLabel('When').selectOption('metric');
    await dialog.getByLabel('Number', { exact: true }).fill('ten');
    await dialog.getByText('Enter a metric').waitFor();
    await dialog.getByLabel('Number', { exact: true }).fill('10');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('goshawk_frames_per_second below 10').waitFor();
    await row.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No rules yet').waitFor();
    expect(faults).toEqual([]);
  });

  it('tells an empty fleet how to begin', async () => {
    await controller.stop();
    controller = new FakeController({ page: browser.folder, devices: 0 });
    await controller.start();
    await open('/devices');
    await page.getByText('No device has reported yet').waitFor();
    expect(await page.locator('pre').textContent()).toContain('goshawk agent');
    expect(faults).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    await open('/devices');
    await device('gate-01').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.getByRole('link', { name: 'dock-01', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dock-01' }).waitFor();
    await page.getByRole('button', { name: 'Change model' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Change model');
    expect(faults).toEqual([]);
  });

  it.each([
    '/',
    '/cameras',
    '/cameras/gate-01/front',
    '/devices',
    '/devices/gate-01',
    '/devices/yard-02',
    '/devices/dock-01',
    '/drift',
    '/activity',
    '/data',
    '/models',
    '/models/compare',
    '/settings/groups',
    '/settings/rules',
    '/settings/people',
  ])('fits a phone without sideways scrolling: %s', async (path) => {
    await open(path, 'admin', {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      hasTouch: true,
    });
    await page.locator('.panel, .empty .icon').first().waitFor();
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(over).toBe(0);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    expect(faults).toEqual([]);
  });

  it.each([700, 800, 900, 1100, 1300])(
    'fits a window of %i pixels without sideways scrolling',
    async (width) => {
      await open('/drift', 'admin', { viewport: { width, height: 800 } });
      await page.locator('.cameras tbody tr').first().waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over).toBe(0);
      expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
      expect(faults).toEqual([]);
    },
  );

  it('shows a new token once to an administrator', async () => {
    await open('/settings/people', 'admin');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('night shift');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('ghk_fake_0123456789abcdef').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('rowheader', { name: 'night shift' }).waitFor();
    expect(await page.getByText('ghk_fake').count()).toBe(0);
    expect(faults).toEqual([]);
  });
});
