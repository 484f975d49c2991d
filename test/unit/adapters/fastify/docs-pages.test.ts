import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { Served } from './serve.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

function site(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<h1>Goshawk</h1>');
  writeFileSync(join(folder, 'drift.html'), '<h1>Drift</h1>');
  writeFileSync(join(folder, 'assets', 'app.js'), 'export {};');
  return folder;
}

describe('The documentation of a controller', () => {
  it('is served at /docs/ without a token, with a policy that runs no inline script', async () => {
    served = await Served.open({ docs: site() });
    const index = await fetch(`${served.url}/docs`);
    expect([index.status, new URL(index.url).pathname, await index.text()]).toEqual([
      200,
      '/docs/',
      '<h1>Goshawk</h1>',
    ]);
    const page = await fetch(`${served.url}/docs/drift.html`);
    expect(await page.text()).toBe('<h1>Drift</h1>');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect((await fetch(`${served.url}/docs/assets/app.js`)).headers.get('content-type')).toMatch(
      /javascript/,
    );
    expect((await fetch(`${served.url}/`)).headers.get('content-security-policy')).not.toContain('unsafe');
  });

  it('has no other file of the machine', async () => {
    served = await Served.open({ docs: site() });
    for (const path of ['nothing.html', '..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/etc/passwd'])
      expect((await fetch(`${served.url}/docs/${path}`)).status, path).toBeGreaterThanOrEqual(400);
  });

  it('says how to build it where it is not built', async () => {
    served = await Served.open({ docs: join(temporaryFolder(), 'none') });
    const answer = await fetch(`${served.url}/docs/`);
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('npm run docs')]);
  });
});
