import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => existsSync(path));

/** A net, not a measure: how long a page may need for what a test waits for. */
const waitMs = 60_000;

/** Why the tests here can't run; undefined where they can. */
export const browserMissing =
  executablePath === undefined ? 'no Chromium is installed here (apt-get install chromium)' : undefined;

function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The dashboard built into a folder of its own; `remove` takes it away. */
function buildPage(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-dashboard-'));
  const root = resolve(import.meta.dirname, '..', '..');
  execFileSync(process.execPath, [join(root, 'deploy', 'checkout', 'build.mjs'), '--dashboard', folder], {
    cwd: root,
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What a clean page never has: errors on the console, uncaught exceptions, violations of the content policy. */
async function watchForFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  await page.exposeFunction('reportViolation', (text: string) => faults.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportViolation: (text: string) => void }).reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return faults;
}

export interface OpenedPage {
  readonly page: Page;
  readonly faults: string[];
}

export interface DashboardBrowser {
  /** Where the built page lies. */
  readonly folder: string;
  /** A page of its own, with a session of its own: `page.context().close()` ends it. */
  open(options: BrowserContextOptions): Promise<OpenedPage>;
}

/** The dashboard as it is built, and a browser, for the tests of the `describe` in which it is called. */
export function dashboardBrowser(): DashboardBrowser {
  let built: ReturnType<typeof buildPage> | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    built = buildPage();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    built?.remove();
  });
  return {
    get folder() {
      if (built === undefined) throw new Error('The page is not built yet.');
      return built.folder;
    },
    async open(options) {
      if (browser === undefined) throw new Error('The browser was not started.');
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(waitMs);
      return { page, faults: await watchForFaults(page) };
    },
  };
}
