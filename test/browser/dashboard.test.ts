import { describe, expect, it } from 'vitest';
import { foggyView } from '../fakes/fake-fleet-drift.ts';
import { browserMissing } from './browser.ts';
import { fakeDashboard, hashOf, rowOf } from './fake-dashboard.ts';

const title = `The dashboard in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const dashboard = fakeDashboard();

  it('asks before a link with another token takes the place of an open session', async () => {
    const { page, faults } = await dashboard.open('/devices', 'viewer');
    await rowOf(page, 'gate-01').waitFor();
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

  it('offers a viewer nothing that would be refused', async () => {
    const { page, faults } = await dashboard.open('/devices/gate-01', 'viewer');
    await page.locator('.loaded-name').waitFor();
    expect(await page.getByRole('button', { name: /Change model|Apply|Remove/ }).count()).toBe(0);
    expect(await page.getByRole('switch').isDisabled()).toBe(true);
    expect(await page.getByRole('link', { name: /Claims|Rules|People/ }).count()).toBe(0);
    await page.goto(`${dashboard.controller.url}/#/settings/people`);
    await page.getByText('Only admins can see this page').waitFor();
    await page.goto(`${dashboard.controller.url}/#/models`);
    await page.getByText('7be412').first().waitFor();
    expect(await page.getByRole('button', { name: 'Change model' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('says that the controller is gone, greys its values, and is live again when it returns', async () => {
    const { page, faults } = await dashboard.open('/devices');
    await page.locator('.line-live').waitFor();
    await rowOf(page, 'gate-01').waitFor();
    await dashboard.controller.stop();
    await page.locator('.banner-error', { hasText: 'This page shows the state of' }).waitFor();
    expect(await page.locator('main.page-stale').count()).toBe(1);
    dashboard.controller.fleet.change('gate-01', { warnings: 77 });
    await dashboard.controller.start();
    await page.locator('.line-live').waitFor();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await rowOf(page, 'gate-01').getByText('77').waitFor();
    expect(faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
  });

  it('asks for a token, and says why when the one it had is not known', async () => {
    const { page } = await dashboard.open('/devices', 'wrong');
    await page.getByRole('alert').filter({ hasText: 'This token is not known' }).waitFor();
    await page.getByLabel('Access token').fill('viewer-token');
    await page.keyboard.press('Enter');
    await rowOf(page, 'gate-01').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('shows what drifts, whose alarm it is, and leads to the evidence', async () => {
    const { page, faults } = await dashboard.open('/drift');
    await page.locator('.cameras tbody tr').nth(14).waitFor();
    expect(await page.locator('.cameras tbody tr').first().textContent()).toContain('Sensor fault: frozen');
    expect(await page.locator('.cameras tr', { hasText: 'yard-03' }).textContent()).toContain('Not yet');
    const shared = page.locator('.cohort');
    expect(await page.locator('.cameras tr', { hasText: 'yard-03' }).textContent()).toContain('Notice');
    expect(await page.locator('.cameras tr', { hasText: 'dock-01' }).first().textContent()).toContain(
      'about 23 % lost',
    );
    expect(await page.locator('.drift-figures').textContent()).toContain('3 notices');
    expect(await shared.textContent()).toContain('Group dock');
    expect(await shared.textContent()).toContain('3 of 4 cameras');
    // Alerts of any kind are beside Now: fourteen devices that are offline are no drift.
    const counted = page.locator('a', { has: page.locator('.nav-count') });
    expect(await counted.allTextContents()).toEqual(['Now2 alerts']);
    await page.getByLabel('Verdict').selectOption('scene-change');
    await page.locator('.cameras tbody tr').nth(3).waitFor({ state: 'detached' });
    await expect.poll(() => hashOf(page)).toBe('#/drift?verdict=scene-change');
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

  it('lets an operator acknowledge an alert, and a viewer only look', async () => {
    const operator = await dashboard.open('/drift');
    const alert = operator.page.locator('.alert-row', { hasText: 'gate-01' });
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await alert.getByText('Acknowledged by operator of the test').waitFor();
    expect(await alert.getByRole('button').count()).toBe(0);
    expect(await operator.page.locator('.alert-row', { hasText: 'group dock' }).textContent()).toContain(
      'Not delivered: hooks.example answered 503.',
    );
    expect(operator.faults).toEqual([]);
    const { page, faults } = await dashboard.open('/drift', 'viewer');
    await page.locator('.alert-row').first().waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await page.goto(`${dashboard.controller.url}/#/settings/rules`);
    await page.getByText('Only admins can see this page').waitFor();
    expect(faults).toEqual([]);
  });

  it('makes, changes and deletes a rule, and shows the key of its webhook once', async () => {
    const { page, faults } = await dashboard.open('/settings/rules', 'admin');
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
    expect(dashboard.controller.requests.find(({ method }) => method === 'POST')?.body).toEqual({
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
    await row.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByRole('combobox', { name: 'Its' }).selectOption('growth in a minute');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(dashboard.controller.requests.filter(({ method }) => method === 'PUT').at(-1)?.body).toMatchObject(
      { when: { kind: 'metric', rate: { per: 'minute' }, below: 10 } },
    );
    await row.getByRole('button', { name: 'Edit' }).click();
    expect(await dialog.getByRole('combobox', { name: 'Its' }).locator('option:checked').textContent()).toBe(
      'growth in a minute',
    );
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No rules yet').waitFor();
    expect(faults).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const { page, faults } = await dashboard.open('/devices');
    await rowOf(page, 'gate-01').waitFor();
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
    const { page, faults } = await dashboard.open(path, 'admin', {
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
      const { page, faults } = await dashboard.open('/drift', 'admin', { viewport: { width, height: 800 } });
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
    const { page, faults } = await dashboard.open('/settings/people', 'admin');
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
