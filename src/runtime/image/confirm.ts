import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SystemClock } from '../../adapters/system/index.ts';
import { type Clock, MissingError, sleep } from '../../base/index.ts';
import { judgeBoot, type Slot, slotOf, type Verdict } from '../../image/index.ts';

/** What the board is asked and told; a test has another one. */
export interface BootPorts {
  readonly clock: Clock;
  readonly commandLine: () => Promise<string>;
  /** How many frames the agent has processed; undefined while nobody answers. */
  readonly frames: () => Promise<number | undefined>;
  /** deploy/image/root/usr/lib/goshawk-image/slots */
  readonly slots: (...args: readonly string[]) => Promise<string>;
  readonly reboot: () => Promise<void>;
}

export interface Confirmed {
  readonly slot: Slot;
  readonly verdict: Verdict;
  readonly frames: number;
}

const patienceMs = 240_000;
const wantedFrames = 5;

/** Waits until the agent perceives, and tells the boot loader what to think of this slot. */
export async function confirmBoot(ports: BootPorts = boardPorts(), limitMs = patienceMs): Promise<Confirmed> {
  const slot = slotOf(await ports.commandLine());
  if (slot === undefined)
    throw new MissingError(
      'image-no-slot',
      'This system was not started from a slot of an image.',
      'It is for boards that were flashed; see docs/flash.md.',
    );
  const frames = await framesWithin(ports, limitMs);
  const told = (await ports.slots('get-trial')).trim();
  const trial = told === 'A' || told === 'B' ? told : undefined;
  const verdict = judgeBoot({ current: slot, trial, perceives: frames >= wantedFrames });
  if (verdict === 'go-back') {
    await ports.slots('set-state', slot, 'bad');
    await ports.reboot();
  } else {
    if (verdict === 'came-back') await ports.slots('set-state', trial ?? slot, 'bad');
    await ports.slots('set-state', slot, 'good');
  }
  return { slot, verdict, frames };
}

async function framesWithin({ clock, frames }: BootPorts, limitMs: number): Promise<number> {
  const end = clock.monotonicMs() + limitMs;
  let seen = 0;
  while (seen < wantedFrames && clock.monotonicMs() < end) {
    seen = (await frames()) ?? 0;
    if (seen < wantedFrames) await sleep(clock, 1_000);
  }
  return seen;
}

/** The metrics of the agent as its settings have them. */
async function framesOf(settingsFile: string): Promise<number | undefined> {
  try {
    const { prometheus } = JSON.parse(await readFile(settingsFile, 'utf8')) as {
      prometheus?: { host?: string; port?: number };
    };
    const url = `http://${prometheus?.host ?? '127.0.0.1'}:${prometheus?.port ?? 9464}/metrics`;
    const text = await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).text();
    return [...text.matchAll(/^goshawk_frames_processed_total\S* (\d+)/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  } catch {
    return undefined;
  }
}

function boardPorts(): BootPorts {
  const execute = promisify(execFile);
  return {
    clock: new SystemClock(),
    commandLine: () => readFile('/proc/cmdline', 'utf8'),
    frames: () => framesOf('/etc/goshawk/agent.json'),
    slots: async (...args) => (await execute('/usr/lib/goshawk-image/slots', args)).stdout,
    reboot: async () => {
      await execute('systemctl', ['reboot']);
    },
  };
}
