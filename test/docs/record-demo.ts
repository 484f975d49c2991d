/*
 * Records docs/pictures/demo.webp: the dashboard of the demo, in which a camera freezes.
 *   node --import tsx test/docs/record-demo.ts
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { projectRoot } from '../integration/goshawk.ts';

const size = { width: 1200, height: 750 };
const frameMs = 700;
const shots: Buffer[] = [];

const data = mkdtempSync(join(tmpdir(), 'goshawk-recorded-'));
const args = ['--port', '0', '--json', '--scenario', 'frozen', '--duration', '170s', '--data', data];
const demo = spawn(process.execPath, ['dist/src/cli/main.js', 'demo', ...args], {
  cwd: projectRoot,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { dashboard } = await new Promise<{ dashboard: string }>((resolve) => {
  let text = '';
  demo.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
  });
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: size, colorScheme: 'light' });
  await page.goto(dashboard);
  await page.getByRole('link', { name: 'gate-north' }).first().click();
  await delay(3000);
  await record(page, 12);
  await page.getByRole('link', { name: 'Fleet' }).first().click();
  await page.getByText('Blind').first().waitFor({ timeout: 120_000 });
  await delay(1000);
  await record(page, 5);
  await page.getByRole('link', { name: 'gate-south' }).first().click();
  await delay(3000);
  await record(page, 8);
} finally {
  await browser.close();
  demo.kill('SIGINT');
}
await sharp(shots, { join: { animated: true } })
  .webp({ quality: 60, effort: 6, delay: shots.map(() => frameMs), loop: 0 })
  .toFile(join(projectRoot, 'docs/pictures/demo.webp'));

async function record(page: Page, frames: number): Promise<void> {
  for (let at = 0; at < frames; at++) {
    shots.push(
      await sharp(await page.screenshot())
        .resize(960)
        .png()
        .toBuffer(),
    );
    await delay(frameMs);
  }
}
