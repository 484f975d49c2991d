import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ofFastDds = /^(sem\.)?(fastdds|fastrtps)_/;
/** One that is made right now is not mapped yet. */
const youngMs = 10_000;

/**
 * Shared memory of Fast DDS whose processes ended without closing it: half a megabyte to 64 MB each, for ever. What a
 * process has mapped stays, and what is locked: that may be by a container, whose processes are not seen from here.
 */
export function removeLeftSegments(folder = '/dev/shm', filesInUse = mappedFiles): void {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => ofFastDds.test(name)) : [];
  if (names.length === 0) return;
  const used = filesInUse();
  const kept = new Set<string>();
  for (const name of names)
    if (used.has(join(folder, name)) || isNeeded(join(folder, name))) kept.add(keyOf(name));
  for (const name of names) if (!kept.has(keyOf(name))) remove(join(folder, name));
}

/** What belongs together: `fastdds_port7411`, its lock `fastdds_port7411_el`, `sem.fastdds_port7411_mutex`. */
function keyOf(name: string): string {
  return name.replace(/^sem\./, '').replace(/_(el|sl|mutex)$/, '');
}

function isNeeded(file: string): boolean {
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  return Date.now() - mtimeMs < youngMs || (/_[es]l$/.test(file) && isLocked(file));
}

/** Without the program nobody can say. */
function isLocked(file: string): boolean {
  return spawnSync('flock', ['--nonblock', file, 'true'], { stdio: 'ignore' }).status !== 0;
}

/** Of the processes of this machine, as far as one may see. */
export function mappedFiles(): Set<string> {
  const files = new Set<string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const line of mapsOf(pid).split('\n'))
      if (line.includes('/')) files.add(line.slice(line.indexOf('/')));
  return files;
}

function mapsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return '';
  }
}

/** Another user's stays. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}
