import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './programs.ts';
import { absent, fails, type Trial, untried, works } from './trial.ts';

/** Who starts a board again that hangs, and an agent that hangs. Opening /dev/watchdog would start its clock: it is not opened. */
export async function tryWatchdog(root = '/'): Promise<readonly Trial[]> {
  return [await hardware(root), await service()];
}

async function hardware(root: string): Promise<Trial> {
  const name = 'of the board';
  const there = await access(join(root, 'dev/watchdog0')).then(
    () => true,
    () => false,
  );
  if (!there) {
    return absent(
      'watchdog',
      name,
      'no /dev/watchdog0',
      'On a board: load its driver; a virtual machine has none.',
    );
  }
  const ran = await runProgram('systemctl', ['show', '--property=RuntimeWatchdogUSec', '--value']);
  if (ran === undefined || ran.code !== 0) {
    return untried(
      'watchdog',
      name,
      'it is there; the kernel does not say which program feeds it',
      'With systemd you need to do nothing.',
    );
  }
  const value = ran.stdout.trim();
  return value === '0' || value === '' || value === 'off'
    ? fails(
        'watchdog',
        name,
        'it is there but no program feeds it: a board that hangs does not restart',
        'Write RuntimeWatchdogSec=60 into /etc/systemd/system.conf, then: sudo systemctl daemon-reexec',
      )
    : works('watchdog', name, `systemd feeds it, ${value}`);
}

async function service(): Promise<Trial> {
  const name = 'of the agent';
  const properties = ['--property=WatchdogUSec', '--property=LoadState'];
  const ran = await runProgram('systemctl', ['show', ...properties, 'goshawk-agent.service']);
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(ran?.stdout ?? '')?.[1] ?? '';
  if (ran === undefined || ran.code !== 0 || value('LoadState') !== 'loaded') {
    return absent('watchdog', name, 'no service goshawk-agent', 'Install the package goshawk-agent.');
  }
  const time = value('WatchdogUSec');
  return time === '0' || time === '' || time === 'infinity'
    ? fails(
        'watchdog',
        name,
        'the service has none',
        'Set WatchdogSec=30 in the unit, as the package has it.',
      )
    : works('watchdog', name, `systemd waits ${time} for a sign of life`);
}
