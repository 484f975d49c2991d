import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tellByProgram } from '../../device/systemd/notify.ts';
import { loadNative } from '../../native/index.ts';
import { eventually } from './fleet/program.ts';

/** Node has no datagram sockets of a path, so another language listens. */
const listener = `
import socket, sys
name = sys.argv[1]
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind(chr(0) + name[1:] if name.startswith('@') else name)
print('listening', flush=True)
while True:
    print(repr(listening.recv(4096).decode()), flush=True)
`;

const python = spawnSync('python3', ['--version']).status === 0;
const program = spawnSync('systemd-notify', ['--version']).status === 0;
const addon = (() => {
  try {
    return typeof loadNative().notify === 'function';
  } catch {
    return false;
  }
})();

describe.skipIf(!python)(
  `What a service manager hears${python ? '' : ' (skipped: python3 is not installed)'}`,
  () => {
    let folder: string;
    let heard: string[];
    let process: ChildProcess | undefined;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'goshawk-notify-'));
      heard = [];
    });
    afterEach(() => {
      process?.kill();
      rmSync(folder, { recursive: true, force: true });
    });

    async function listen(name: string): Promise<void> {
      process = spawn('python3', ['-c', listener, name], { stdio: ['ignore', 'pipe', 'inherit'] });
      createInterface({ input: process.stdout! }).on('line', (line) => heard.push(line));
      await eventually('it listens', async () => heard.shift() === 'listening');
    }

    it.skipIf(!addon)(
      `comes from the addon to a path and to an abstract name${addon ? '' : ': it was not built'}`,
      async () => {
        const path = join(folder, 'notify');
        for (const name of [path, `@goshawk-test-${globalThis.process.pid}`]) {
          await listen(name);
          loadNative().notify(name, 'READY=1\nSTATUS=größer');
          await eventually('it is heard', async () => heard.length > 0);
          expect(heard.shift()).toBe("'READY=1\\nSTATUS=größer'");
          process?.kill();
        }
      },
    );

    it.skipIf(!addon)(
      `fails with the kernel’s words where nobody listens${addon ? '' : ': the addon was not built'}`,
      () => {
        expect(() => loadNative().notify(join(folder, 'nobody'), 'READY=1')).toThrow(
          /No such file or directory/,
        );
        expect(() => loadNative().notify(`/${'x'.repeat(200)}`, 'READY=1')).toThrow(/too long/i);
        expect(existsSync(join(folder, 'nobody'))).toBe(false);
      },
    );

    it.skipIf(!program)(
      `comes by systemd-notify without the addon${program ? '' : ': it is not installed'}`,
      async () => {
        const path = join(folder, 'notify');
        await listen(path);
        await tellByProgram(path, 'STATUS=runs');
        await eventually('it is heard', async () => heard.some((line) => line.includes('STATUS=runs')));
      },
    );
  },
);
