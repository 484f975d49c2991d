import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, InputError } from '../../base/index.ts';
import { boardSettings } from '../../image/index.ts';
import { writeFileAtomic } from '../../platform/index.ts';
import { maxAnchorBytes } from '../../trust/index.ts';

/** Where a board that was started from an image has its things; a test has them elsewhere. */
export interface BoardFolders {
  /** The folder `goshawk` of the EFI system partition. */
  readonly seed: string;
  /** /var/lib/goshawk-image */
  readonly state: string;
  /** /var/lib/iwd */
  readonly wireless: string;
  /** /etc */
  readonly etc: string;
  /** /usr/lib/goshawk-image */
  readonly image: string;
  /** /usr/lib/goshawk-agent */
  readonly program: string;
}

export const boardFolders = (seed: string): BoardFolders => ({
  seed,
  state: '/var/lib/goshawk-image',
  wireless: '/var/lib/iwd',
  etc: '/etc',
  image: '/usr/lib/goshawk-image',
  program: '/usr/lib/goshawk-agent',
});

export interface FirstBootReport {
  readonly device: string;
  readonly enrols: boolean;
  /** Files of the image that could not be used, each with why. */
  readonly problems: readonly string[];
}

/** More is no settings file and no claim. */
const limitBytes = 256 * 1024;

/**
 * Makes what belongs to this board alone. Each file is whole or not there, and `done` comes last: who is cut off begins
 * anew at the next boot.
 */
export async function firstBoot(folders: BoardFolders): Promise<FirstBootReport> {
  const { seed, state } = folders;
  const problems: string[] = [];
  const machineId = await readFile(join(folders.etc, 'machine-id'), 'utf8');
  const kept = join(state, 'machine-id');
  if (!existsSync(kept)) await writeFileAtomic(kept, machineId, { mode: 0o444 });
  const claim = await readSeed(join(seed, 'claim.token'), problems);
  const claimFile = join(state, 'claim.token');
  if (claim !== undefined) {
    await writeFileAtomic(claimFile, claim, { mode: 0o640 });
    await chown(claimFile, 0, await groupId(folders.etc, 'goshawk')).catch(() => {});
  }
  const rootFile = join(state, 'root.json');
  const roots = await readSeed(join(seed, 'root.json'), problems, maxAnchorBytes);
  if (roots !== undefined) await writeFileAtomic(rootFile, roots, { mode: 0o644 });
  await copyWireless(folders, problems);
  const model = join(folders.image, 'model');
  const deviceId = deviceIdOf(machineId);
  const settings = boardSettings({
    ...(await readSettings(folders, problems)),
    deviceId,
    ...(claim === undefined ? {} : { claimFile }),
    // A seed that is gone, or that lost its roots, takes none from the board.
    ...(existsSync(rootFile) ? { rootFile } : {}),
    ...(existsSync(join(model, 'manifest.json')) ? { model } : {}),
  });
  // Without a seed: what was made here before stays, and may have been changed by hand.
  const file = join(state, 'agent.json');
  if (existsSync(seed) || !existsSync(file))
    await writeFileAtomic(file, `${JSON.stringify(settings, undefined, 2)}\n`, {
      mode: 0o644,
    });
  const { device } = settings;
  const report = {
    device: String(device ?? deviceId),
    enrols: 'enrolment' in settings,
    problems,
  };
  // A seed that could not be read may be readable at the next boot.
  if (existsSync(seed))
    await writeFileAtomic(join(state, 'done'), `${JSON.stringify(report)}\n`, { mode: 0o644 });
  return report;
}

/** Not the machine's id itself, which is nobody's business outside of it. */
function deviceIdOf(machineId: string): string {
  return `goshawk-${createHash('sha256').update(`goshawk device ${machineId.trim()}`).digest('hex').slice(0, 12)}`;
}

async function readSeed(path: string, problems: string[], most = limitBytes): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    const bytes = await readFile(path);
    if (bytes.length > most) throw new Error(`it has ${bytes.length} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    problems.push(`${path}: ${describeError(error)}`);
    return undefined;
  }
}

/** A settings file that can't be read costs the operator's settings, not the board. */
async function readSettings(
  folders: BoardFolders,
  problems: string[],
): Promise<{ readonly settings: Readonly<Record<string, unknown>>; readonly packaged: boolean }> {
  for (const [path, packaged] of [
    [join(folders.seed, 'agent.json'), false],
    [join(folders.program, 'share/agent.json'), true],
  ] as const) {
    const text = await readSeed(path, problems);
    if (text === undefined) continue;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return { settings: value as Record<string, unknown>, packaged };
      problems.push(`${path}: no object`);
    } catch (error) {
      problems.push(`${path}: ${describeError(error)}`);
    }
  }
  throw new InputError(
    'first-boot-settings',
    'There are no settings to begin with.',
    `Restore ${folders.program}/share/agent.json.`,
  );
}

async function copyWireless({ seed, wireless }: BoardFolders, problems: string[]): Promise<void> {
  const folder = join(seed, 'wifi');
  if (!existsSync(folder)) return;
  await mkdir(wireless, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(folder)).filter((file) => /\.(psk|open)$/.test(file))) {
    const text = await readSeed(join(folder, name), problems);
    if (text !== undefined) await writeFileAtomic(join(wireless, name), text, { mode: 0o600 });
  }
}

async function groupId(etc: string, name: string): Promise<number> {
  const text = await readFile(join(etc, 'group'), 'utf8');
  const id = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(text)?.[1];
  return id === undefined ? 0 : Number(id);
}
