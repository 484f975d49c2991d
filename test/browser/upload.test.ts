import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/api/index.ts';
import { formatManifest } from '../../src/model/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';

const title = `Upload of a model${browserMissing ? `, skipped: ${browserMissing}` : ''}`;
/** Three parts of 4 MiB, the last of them short. */
const network = Buffer.alloc(9_000_000, 'weights of a network ');

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-upload-'));
  const live = new LiveFleet([{ id: 'cam-1' }]);
  let page: Page;
  let faults: string[];

  /** A folder with a bundle. */
  function bundle(name: string, version: string, licence = 'Apache-2.0', content = network): string {
    const path = 'onnx/fp32.onnx';
    const file = { path, digest: digestOf(content), size: content.length };
    const manifest = tinyManifest({ name, version, licence, variants: [{ kind: 'fp32', file }] });
    const at = mkdtempSync(join(folder, 'bundle-'));
    mkdirSync(join(at, 'onnx'));
    writeFileSync(join(at, 'manifest.json'), formatManifest(manifest));
    writeFileSync(join(at, path), content);
    return at;
  }
  const held = () => live.controller.models.list().models.map(({ name, version }) => `${name} ${version}`);
  const dialog = () => page.getByRole('dialog');

  beforeAll(() => live.start(browser.folder));
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await live.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(role: Role = 'operator', prepare?: (page: Page) => Promise<void>): Promise<void> {
    ({ page, faults } = await live.open(browser, '/models', role, {}, prepare));
    await page.getByRole('heading', { name: 'Models' }).waitFor();
  }
  async function upload(path: string): Promise<void> {
    await page.getByRole('button', { name: 'Upload' }).click();
    await dialog().getByLabel('Folder of the bundle').setInputFiles(path);
    await dialog().getByRole('button', { name: 'Upload' }).click();
  }

  it('sends the files of a folder in parts, and the model is there', async () => {
    await open();
    await page.getByRole('button', { name: 'Upload' }).click();
    await picture(page, 'upload');
    await page.keyboard.press('Escape');
    await upload(bundle('street', '1.0.0'));
    await page.getByText('street 1.0.0 was uploaded.').waitFor();
    await page.locator('.model-cards .panel', { hasText: 'street 1.0.0' }).waitFor();
    expect(live.controller.models.list().models).toMatchObject([{ name: 'street', complete: true }]);
    expect(faults).toEqual([]);
  });

  it('sends nothing again that the controller has', async () => {
    await open();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await upload(bundle('street', '1.1.0'));
    await page.getByText('street 1.1.0 was uploaded.').waitFor();
    expect(sent.filter((one) => one.includes('/v2/'))).toEqual([]);
    expect(held()).toContain('street 1.1.0');
  });

  it('sends a part again whose connection broke', async () => {
    let broken = 0;
    // The first request to an upload that has begun: later ones have to go by untouched.
    await open('operator', async (opening) => {
      await opening.route(
        /\/uploads\/[0-9a-f]+$/,
        (route) => {
          broken += 1;
          return route.abort('connectionreset');
        },
        { times: 1 },
      );
    });
    await upload(bundle('street', '2.0.0', 'MIT', Buffer.concat([network, Buffer.from('!')])));
    await page.getByText('street 2.0.0 was uploaded.').waitFor();
    expect(broken).toBe(1);
  });

  it.each([
    [
      'other content under a version that is taken',
      () => bundle('street', '1.0.0', 'MIT'),
      'street 1.0.0 is in the registry with other content',
    ],
    [
      'a folder that is no bundle',
      () => {
        const at = mkdtempSync(join(folder, 'pictures-'));
        writeFileSync(join(at, 'cat.txt'), 'cat');
        return at;
      },
      'The folder has no manifest.json',
    ],
    [
      'a file of another size than manifest.json lists',
      () => {
        const at = bundle('street', '3.0.0', 'MIT', Buffer.from('short'));
        writeFileSync(join(at, 'onnx/fp32.onnx'), 'longer than it was');
        return at;
      },
      'onnx/fp32.onnx has 18 bytes, and manifest.json lists 5.',
    ],
    [
      'a file with other bytes',
      () => {
        const at = bundle('street', '3.0.0', 'MIT', Buffer.from('first'));
        writeFileSync(join(at, 'onnx/fp32.onnx'), 'other');
        return at;
      },
      'sha256',
    ],
  ])('says why it refuses %s', async (_what, make, message) => {
    const before = held();
    await open();
    await upload(make());
    await dialog().getByRole('alert').filter({ hasText: message }).waitFor();
    expect(held()).toEqual(before);
  });

  it('is not offered to a viewer', async () => {
    await open('viewer');
    await page.locator('.model-cards .panel').first().waitFor();
    expect(await page.getByRole('button', { name: 'Upload' }).count()).toBe(0);
  });
});
