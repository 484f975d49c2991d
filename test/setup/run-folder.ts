import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftSegments } from './left-segments.ts';

/** Short: sockets lie in it, whose paths have 108 bytes at most. */
const prefix = 'gt-';

/**
 * One folder for all that a run leaves in the temporary folder, its workers and programs too: those that were killed
 * could not tidy up. It goes with the run, or with the next where that was killed.
 */
export default function setUp(): (() => void) | undefined {
  // Every project of a run comes here.
  if (process.env.GOSHAWK_TEST_RUN !== undefined) return undefined;
  const place = tmpdir();
  removeLeftFolders(place);
  removeLeftSegments();
  const folder = mkdtempSync(join(place, `${prefix}${process.pid}-`));
  // As its parent: some programs give up being root.
  chmodSync(folder, 0o1777);
  process.env.GOSHAWK_TEST_RUN = folder;
  process.env.TMPDIR = folder;
  return () => {
    remove(folder);
    removeLeftSegments();
  };
}

/** Of runs that are over. */
export function removeLeftFolders(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(place, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** What is another's, or has something mounted in it, stays. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    process.stderr.write(`${folder} stays: ${(error as Error).message}\n`);
  }
}
