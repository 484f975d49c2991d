import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/api/index.ts';
import { admin, digest, otherDigest, slot } from '../fakes/test-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { enrolmentPorts } from './enrolment-ports.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';

const title = `Actions on one device in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;
const waits = { for: 'safety' as const, what: 'the arm moves', sinceMs: Date.now() - 60_000 };

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-actions-'));
  let live: LiveFleet;
  let page: Page;
  let faults: readonly string[];

  beforeAll(async () => {
    live = new LiveFleet(
      [{ id: 'cam-1', groups: ['gate'] }, { id: 'cam-2', groups: ['gate'] }, { id: 'cam-3' }],
      {
        // A robot that moves: what is ready for cam-2 waits.
        reported: (id, desired) => ({
          generation: desired?.generation ?? 0,
          slots: {
            main:
              id === 'cam-2' ? slot({ deployment: { state: 'ready', digest: otherDigest, waits } }) : slot(),
            ...(desired?.slots?.next === undefined ? {} : { next: slot() }),
          },
        }),
        ports: await enrolmentPorts(folder),
      },
    );
    await live.start(browser.folder);
    const { desiredState } = live.controller;
    await live.enrol('cam-1', join(folder, 'cam-1.key'));
    const model = { name: 'street', version: '1.0.0', digest };
    await desiredState.setGroup(admin, 'gate', { slots: { main: { model } } }, true);
    await desiredState.setDevice(
      admin,
      'cam-2',
      {
        slots: {
          main: { model: { ...model, version: '2.0.0', digest: otherDigest } },
          next: { model },
        },
      },
      true,
    );
  });
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await live?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(id: string, role: Role): Promise<void> {
    ({ page, faults } = await live.open(browser, `/devices/${id}`, role));
    await page.getByRole('heading', { name: id, exact: true }).waitFor();
    await page.locator('.slot-orders, .loaded').first().waitFor();
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');
  const confirm = (name: string) => dialog().getByRole('button', { name, exact: true });
  const settings = (id: string) => live.controller.devices.detail(id).settings.slots;

  it('offers a viewer none of them, and an operator none of those of an admin', async () => {
    await open('cam-2', 'viewer');
    await page.getByText('Ordered for this device by ann').first().waitFor();
    const all = [
      'Hold',
      'Revoke certificate',
      'Pin: slot main',
      'Remove: slot next',
      'Switch now: slot main',
    ];
    for (const name of all) expect(await button(name).count(), name).toBe(0);
    await page.context().close();
    await open('cam-2', 'operator');
    await button('Pin: slot main').waitFor();
    await button('Hold').waitFor();
    await button('Remove: slot next').waitFor();
    for (const name of ['Revoke certificate', 'Switch now: slot main'])
      expect(await button(name).count(), name).toBe(0);
    await page.getByText('the arm moves').waitFor();
    expect(faults).toEqual([]);
  });

  it('holds a device with a reason that everybody reads, and releases it', async () => {
    await open('cam-3', 'operator');
    await button('Hold').click();
    await dialog().waitFor();
    expect(await confirm('Hold').isDisabled()).toBe(true);
    await dialog().getByLabel('Reason').fill('on loan until Friday');
    await confirm('Hold').click();
    await page.getByText('on loan until Friday').waitFor();
    expect(live.controller.labels.holdOf('cam-3')).toMatchObject({ reason: 'on loan until Friday' });
    await picture(page, 'device-held');
    await button('Release').click();
    await confirm('Release').click();
    await button('Hold').waitFor();
    expect(live.controller.labels.holdOf('cam-3')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  it('pins for one device what its group sets, and says where that is refused', async () => {
    await open('cam-1', 'operator');
    const orders = page.locator('.slot-orders').first();
    await orders.getByText('Ordered for the group gate by ann').waitFor();
    await button('Pin: slot main').click();
    await dialog().getByText('The slot main of cam-1 stays at street 1.0.0').waitFor();
    // Its bundle is nowhere: the refusal is said where the order was given.
    await confirm('Pin').click();
    await dialog().getByText('The controller holds no complete street').waitFor();
    await confirm('Cancel').click();
    expect(settings('cam-1')).toBeUndefined();
  });

  it('removes a slot, after it has said what that does', async () => {
    await open('cam-2', 'operator');
    await button('Remove: slot next').click();
    await dialog().getByText('street 1.0.0 is drained and closed on cam-2').waitFor();
    await confirm('Remove the slot').click();
    await expect.poll(() => settings('cam-2'), { timeout: 60_000 }).not.toHaveProperty('next');
    await button('Follow the groups: slot main').click();
    await confirm('Cancel').click();
    expect(settings('cam-2')).toHaveProperty('main');
    expect(faults).toEqual([]);
  });

  it('lets an admin switch although the machine is not safe, with a reason', async () => {
    await open('cam-2', 'admin');
    await button('Switch now: slot main').click();
    await dialog().getByText('cam-2 says: the arm moves').waitFor();
    expect(await confirm('Switch now').isDisabled()).toBe(true);
    await dialog().getByLabel('Reason').fill('on blocks');
    await confirm('Switch now').click();
    await expect.poll(() => settings('cam-2')?.main?.model.overrideSafety, { timeout: 60_000 }).toBe(true);
    expect(faults).toEqual([]);
  });

  it('revokes the certificates of a device, each by its number, and none where there is none', async () => {
    await open('cam-3', 'admin');
    await button('Revoke certificate').click();
    await dialog().getByText('has issued no certificate that is valid for cam-3').waitFor();
    expect(await confirm('Revoke').isDisabled()).toBe(true);
    await page.context().close();
    await open('cam-1', 'admin');
    await button('Revoke certificate').click();
    await dialog().getByText('valid until').waitFor();
    await confirm('Revoke').click();
    await page.locator('.notice', { hasText: '1 certificate of cam-1 revoked.' }).waitFor();
    const { certificates } = live.controller.enrolment.revocations.list({ device: 'cam-1' });
    expect(certificates.map(({ revokedMs }) => revokedMs)).toEqual([expect.any(Number)]);
    expect(faults).toEqual([]);
  });
});
