import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startedLines } from '../../src/cli/commands/demo.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawkCommand, projectRoot } from './goshawk.ts';
import { asPattern, blocks, Terminals, typeTutorial } from './pages/tutorial.ts';

vi.setConfig({ testTimeout: 1_800_000 });

/** What this test does not type, and where else it is tried. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['npm run build && export PATH="$PWD/node_modules/.bin:$PATH"\n', 'test/integration/tutorial.test.ts'],
]);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Terminals in a folder with a checkout as far as the page needs one. */
function terminalsHere(): Terminals {
  const folder = temporaryFolder();
  for (const name of ['models', 'node_modules', 'src'])
    symlinkSync(join(projectRoot, name), join(folder, name));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const options = goshawkCommand.slice(0, -1).join(' ');
  const main = join(projectRoot, goshawkCommand.at(-1) ?? '');
  writeFileSync(join(bin, 'goshawk'), `#!/bin/sh\nexec "${process.execPath}" ${options} "${main}" "$@"\n`);
  chmodSync(join(bin, 'goshawk'), 0o755);
  const environment = join(folder, 'environment');
  writeFileSync(environment, '');
  const none = {
    GOSHAWK_URL: '',
    GOSHAWK_TOKEN: '',
    GOSHAWK_CONTEXT: '',
    XDG_CONFIG_HOME: join(folder, 'home'),
  };
  // Other tests may have the usual port of the metrics.
  const env = { ...process.env, ...none, PATH: `${bin}:${process.env.PATH}`, GOSHAWK_PROMETHEUS_PORT: '0' };
  const terminals = new Terminals({ command: ['bash', '-c'], options: { cwd: folder, env }, environment });
  onTestFinished(() => terminals.close());
  return terminals;
}

describe('docs/tutorial.md', () => {
  it('finds the program on the PATH that it sets, once it is built', () => {
    const built = spawnSync(process.execPath, ['deploy/checkout/build.mjs'], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    expect(built.status, built.stderr).toBe(0);
    const PATH = `${join(projectRoot, 'node_modules/.bin')}:${process.env.PATH}`;
    const said = spawnSync('goshawk', ['--version'], { encoding: 'utf8', env: { ...process.env, PATH } });
    expect(said.stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('shows what the demo prints', () => {
    const shown =
      blocks
        .find(({ kind }) => kind === 'output')
        ?.text.trimEnd()
        .split('\n') ?? [];
    const place = {
      dashboard: 'http://127.0.0.1:8080/#token=gsk_1',
      adminTokenFile: 'build/tutorial/fleet/controller/admin.token',
    };
    const lines = startedLines(place as Parameters<typeof startedLines>[0]);
    expect(lines).toHaveLength(shown.length);
    for (const [i, line] of shown.entries()) expect(lines[i]).toMatch(asPattern(line));
  });

  it('can be typed to its end', async () => {
    const port = await freePort();
    const typed = await typeTutorial(terminalsHere(), {
      port,
      startMs: 120_000,
      leftOut: (text) => elsewhere.has(text),
      // The checkout is here: only the fleet of the first block is started.
      instead: (command) =>
        command.startsWith('git clone') ? '' : command.replace('npm start --', `goshawk demo --port ${port}`),
    });
    // Every kind of block was there, and the page is not longer than what was typed.
    expect(typed).toEqual({ commands: 10, programs: 2, outputs: 3 });
  });

  it('names a test for what is not typed here', () => {
    const page = blocks.map(({ text }) => text);
    for (const [text, test] of elsewhere) {
      expect(page).toContain(text);
      expect(readFileSync(join(projectRoot, test), 'utf8')).toMatch(/\bit\(|\bit\./);
    }
  });
});
