import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { parseClaim } from '../../src/protocol/index.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';

const title = `Add a device${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const browser = dashboardBrowser();

  async function openDashboard(
    role: 'admin' | 'operator' = 'admin',
  ): Promise<{ served: EnrollingController; page: Page; faults: string[]; url: string }> {
    const served = await EnrollingController.open();
    const { controller, clock, log } = served;
    const server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock, log },
      {
        ...{ host: '127.0.0.1', port: 0, dashboard: browser.folder, version: '0.0.0' },
      },
    );
    const url = await server.listen();
    const { token } = await controller.access.createToken(admin, { name: 'browser', role });
    const viewport = { width: 1280, height: 1000 };
    const { page, faults } = await browser.open({ viewport });
    await page.goto(`${url}/#token=${token}`);
    served.onClose(async () => {
      await page.context().close();
      await server.close();
    });
    return { served, page, faults, url };
  }

  it('leads from an empty fleet to a claim with its QR code, and waits until the device is there', async () => {
    const { served, page, faults } = await openDashboard();
    await page.getByRole('link', { name: 'Add a device' }).click();
    await page.getByLabel('Name').fill('hall 3');
    await picture(page, 'add-device-1-form');
    await page.getByRole('button', { name: 'Create claim' }).click();
    const text = (await page.locator('.secret code').getAttribute('title')) ?? '';
    const claim = parseClaim(text);
    expect(await page.getByRole('img', { name: 'QR code of the claim hall 3' }).isVisible()).toBe(true);
    await page.getByText('Waiting for 1 device…').waitFor();
    await page.getByRole('button', { name: 'Package (.deb)' }).click();
    await page.getByText('goshawk enrol').waitFor();
    // This controller is on 127.0.0.1, as that of `npm start` is.
    await page.getByRole('button', { name: 'This computer' }).click();
    await page.getByText('agent --config board-1.json').waitFor();
    await picture(page, 'add-device-2-claim');
    await page.getByRole('button', { name: 'Container' }).click();
    await page.getByText('podman run').waitFor();

    await served.device('truck-7').enrol(claim);
    await page.getByRole('link', { name: 'truck-7' }).waitFor();
    await page.getByText('Enrolled, not online yet').waitFor();
    await picture(page, 'add-device-3-arrived');
    expect(faults).toEqual([]);
  });

  it('is shown to an operator too, names the role that it needs, and continues with that token', async () => {
    const { served, page, faults } = await openDashboard('operator');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Claims' }).click();
    await page.getByText('An admin adds devices').waitFor();
    await picture(page, 'add-device-0-operator');
    await page.getByRole('button', { name: 'Sign in as admin' }).click();
    const { token } = await served.controller.access.createToken(admin, { name: 'first', role: 'admin' });
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Create claim' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('shows who waits, and lets a person decide', async () => {
    const { served, page, faults } = await openDashboard();
    const { claim } = await served.claim({ name: 'loaner', rule: 'manual', count: 5 });
    const [good, bad] = [served.device('truck-7', { serial: 'SN 7' }), served.device('truck-8')];
    await good.ask(claim);
    await bad.ask(claim);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Claims' }).click();
    const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });
    await row('truck-7').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('truck-7 enrolled.').waitFor();
    await row('truck-8').getByRole('button', { name: 'Refuse' }).click();
    await row('truck-8').getByText('Refused').waitFor();
    await picture(page, 'add-device-4-waiting');
    expect((await good.ask(claim)).kind).toBe('issued');
    await expect(bad.ask(claim)).rejects.toMatchObject({ code: 'enrolment-rejected' });
    await row('loaner').getByRole('button', { name: 'Withdraw' }).click();
    await row('loaner').getByText('Withdrawn').waitFor();
    expect(faults).toEqual([]);
  });
});
