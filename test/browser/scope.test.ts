import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inside, outside, secrets, TwoSites } from '../unit/adapters/fastify/two-sites.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';

const title = `The dashboard with a token for a part of the fleet${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

/** Every page, and what is on it once it is there. */
const pages: readonly (readonly [path: string, sign: string])[] = [
  ['/', '.now-list, .panel'],
  ['/cameras', `text=${inside}`],
  ['/devices', `text=${inside}`],
  [`/devices/${inside}`, `text=${inside}`],
  [`/devices/${inside}?tab=system`, `text=${inside}`],
  [`/cameras/${inside}/front`, `text=${inside}`],
  ['/drift', `text=${inside}`],
  ['/models', 'text=street'],
  ['/rollouts', 'text=berlin-only'],
  ['/rollouts/everywhere', 'text=You see yours'],
  ['/rollouts/new', 'text=street'],
  ['/data', 'h1'],
  ['/activity', `text=${inside}`],
  ['/settings/groups', 'text=hall-1'],
];

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  let sites: TwoSites;
  let skipping: ReturnType<typeof setInterval>;
  let page: Page;
  let faults: string[];
  /** Requests that have no answer yet. */
  let waiting: Set<unknown>;
  /** Answers of the API: path, status and text. */
  let answers: { readonly path: string; readonly status: number; readonly text: string }[];

  beforeAll(async () => {
    sites = await TwoSites.open({ dashboard: browser.folder });
    // Devices of this test answer nothing.
    skipping = setInterval(() => sites.served.clock.skip(10_000), 100);
  }, 120_000);
  afterEach(() => page?.context().close());
  afterAll(() => {
    clearInterval(skipping);
    return sites.served.close();
  });

  async function open(path: string, token: string): Promise<void> {
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
    answers = [];
    waiting = new Set();
    const isAsked = (url: string) => /[/]api[/]v1[/](?!stream|.*[/]preview)/.test(url);
    page.on('request', (request) => void (isAsked(request.url()) && waiting.add(request)));
    page.on('requestfailed', (request) => void waiting.delete(request));
    page.on('requestfinished', (request) => void waiting.delete(request));
    page.on('response', async (response) => {
      if (!isAsked(response.url())) return;
      const { pathname } = new URL(response.url());
      const text = await response.text().catch(() => '');
      answers.push({ path: pathname, status: response.status(), text });
    });
    await page.goto(`${sites.served.url}/#token=${token}&to=${encodeURIComponent(path)}`);
  }
  const text = async () => (await page.locator('body').textContent()) ?? '';

  it.each(['operator', 'admin'] as const)(
    'shows an %s every page of the part, and nothing of the rest',
    async (role) => {
      await open('/', await sites.token(role, { labels: { site: 'berlin' } }));
      await page.getByText('Your token is limited to site=berlin. You see').waitFor();
      for (const [path, sign] of pages) {
        await page.evaluate((to) => {
          location.hash = `#${to}`;
        }, path);
        await page
          .locator(`${sign} >> visible=true`)
          .first()
          .waitFor()
          .catch(() => expect.fail(`${path} has no ${sign}`));
        await expect.poll(() => waiting.size, { timeout: 60_000, message: path }).toBe(0);
        const seen = await text();
        for (const secret of secrets) expect(seen, path).not.toContain(secret);
        expect(seen, path).not.toMatch(/page not found|whole fleet/i);
      }
      // Nothing that is refused was asked for: what may not be done is not offered.
      expect(answers.filter(({ status }) => status === 403).map(({ path }) => path)).toEqual([]);
      for (const secret of secrets)
        expect(answers.filter((one) => one.text.includes(secret)).map(({ path }) => path)).toEqual([]);
    },
  );

  it('offers no step that is for the whole fleet', async () => {
    await open('/settings/groups', await sites.token('admin', { labels: { site: 'berlin' } }));
    await page.getByText('hall-1').first().waitFor();
    const links = await page.getByLabel('Settings', { exact: true }).getByRole('link').allInnerTexts();
    expect(links).toEqual(['Groups and sites']);
    expect(await page.getByRole('button', { name: /group|members|delete/i }).count()).toBe(0);
    await page.goto(`${sites.served.url}/#/rollouts`);
    await page.getByText('berlin-only').waitFor();
    expect(await page.getByRole('button', { name: 'Stop everything' }).count()).toBe(0);
    await page.goto(`${sites.served.url}/#/settings/people`);
    await page.getByText('This page is about the whole fleet.').waitFor();
    await page.goto(`${sites.served.url}/#/devices/${outside}`);
    await page.getByText(`No device ${outside} has ever reported.`).waitFor();
    expect(faults.filter((one) => !one.includes('404'))).toEqual([]);
  });

  it('lets a token for one group order a model for that group', async () => {
    await open('/settings/groups', await sites.token('operator', { groups: ['hall-1'] }));
    await page.getByText('zone-all').waitFor();
    const orders = await page.getByRole('button', { name: /Change model/ }).allInnerTexts();
    expect(orders).toEqual([expect.stringContaining('hall-1')]);
  });

  it('makes such a token, and says what it is limited to', async () => {
    await open('/settings/people', sites.served.tokens.admin);
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('night shift');
    await dialog.getByLabel('Role').selectOption('operator');
    const labels = dialog.getByLabel('Only devices with these labels');
    await labels.fill('berlin');
    await dialog.getByText('Write each label once').waitFor();
    expect(await dialog.getByRole('button', { name: 'Create token' }).isDisabled()).toBe(true);
    await labels.fill('site=berlin');
    await picture(page, 'new-scoped-token');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    await dialog.getByText('and is limited to site=berlin').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /night shift.*site=berlin/ }).waitFor();
    const made = sites.served.controller.access.listTokens().tokens.at(-1);
    expect(made).toMatchObject({ role: 'operator', scope: { labels: { site: 'berlin' } } });
    expect(faults).toEqual([]);
  });
});
