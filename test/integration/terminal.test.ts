import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { announce } from '../unit/adapters/fastify/device-and-bundle.ts';
import { Served } from '../unit/adapters/fastify/serve.ts';
import { ended, goshawkCommand, projectRoot, type Ran, startWith } from './goshawk.ts';

// Each command is a process.
vi.setConfig({ testTimeout: 300_000 });

const hasScript = existsSync('/usr/bin/script');
const controlSign = '\u001b';
const red = `${controlSign}[31moffline`;

let served: Served;
beforeAll(async () => {
  served = await Served.open();
  await vi.waitFor(() => expect(served.controller.summary.current().broker).toBe('online'), 60_000);
  await announce(served, 'truck-7');
  await served.device.publish({
    ...{ topic: topics.state('truck-7'), qos: 1, retain: true },
    payload: encodePayload('state', { online: false, session: 1, reason: 'shutdown' }),
  });
  const offline = { devices: [{ id: 'truck-7', online: false }] };
  await vi.waitFor(
    async () => expect((await served.json('GET', '/devices', 'viewer')).body).toMatchObject(offline),
    60_000,
  );
});
afterAll(() => served.close());

const environment = (more: NodeJS.ProcessEnv) => ({
  ...{ GOSHAWK_URL: served.url, GOSHAWK_TOKEN: served.tokens.operator, TERM: 'xterm-256color' },
  ...{ NO_COLOR: '', FORCE_COLOR: '', ...more },
});

/** `goshawk ...` on a pseudo terminal of so many columns; 0: of no known size. */
function onTerminal(columns: number, more: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ran> {
  const line = [process.execPath, ...goshawkCommand, ...args].map((word) => `'${word}'`).join(' ');
  const sized = columns === 0 ? line : `stty cols ${columns} rows 50; ${line}`;
  return ended(
    spawn('script', ['-qec', sized, '/dev/null'], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment(more) },
    }),
  );
}

describe('The command line', () => {
  it.skipIf(!hasScript)('shows states in colour on a terminal (needs script of util-linux)', async () => {
    const { code, stdout } = await onTerminal(200, {}, 'device', 'list');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(red) });
    expect(stdout).toContain(`${controlSign}[1mdevice`);
  });

  it.skipIf(!hasScript).each([
    ['with NO_COLOR', { NO_COLOR: '1' }, []],
    ['without colours', { TERM: 'dumb' }, []],
    ['with --json', {}, ['--json']],
    ['with -o yaml', {}, ['-o', 'yaml']],
  ])('shows no colour on a terminal (%s; needs script of util-linux)', async (_, more, args) => {
    const { code, stdout } = await onTerminal(200, more, 'device', 'list', ...args);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('truck-7') });
    expect(stdout).not.toContain(controlSign);
  });

  it.each(['table', 'wide', 'json', 'yaml'])('shows no colour in a pipe: -o %s', async (format) => {
    const { code, stdout } = await ended(startWith(environment({}), 'device', 'list', '-o', format));
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('truck-7') });
    expect(stdout).not.toContain(controlSign);
  });

  it.skipIf(!hasScript)(
    'cuts a table to the terminal, and not where that has no size (needs script of util-linux)',
    async () => {
      const narrow = await onTerminal(20, { NO_COLOR: '1' }, 'device', 'list');
      const lines = narrow.stdout.split(/\r?\n/).filter((line) => line.includes('truck-7'));
      expect(lines.map(({ length }) => length <= 20)).toEqual([true]);
      const unsized = await onTerminal(0, { NO_COLOR: '1' }, 'device', 'list');
      expect(unsized.stdout).toMatch(/^device +health .* last seen\r?\n/m);
      expect(unsized.stdout).toMatch(/^truck-7 +offline: .* (just now|ago)\r?$/m);
    },
  );
});
