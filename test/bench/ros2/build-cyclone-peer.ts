import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Ends the program where what compiles it is not here. */
export function needCyclonePeer(): void {
  for (const program of ['idlc', 'cc']) {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      console.error(
        `${program} is not here. On Debian: sudo apt-get install cyclonedds-dev cyclonedds-tools gcc`,
      );
      process.exit(1);
    }
  }
}

/** The camera and reader in plain C, compiled in this folder. */
export async function buildCyclonePeer(folder: string): Promise<string> {
  copyFileSync(
    path.join(import.meta.dirname, '../../integration/ros2/ros.idl'),
    path.join(folder, 'ros.idl'),
  );
  await run('idlc', ['-x', 'final', 'ros.idl'], { cwd: folder });
  const peer = path.join(folder, 'cyclone_peer');
  const source = path.join(import.meta.dirname, 'cyclone_peer.c');
  await run('cc', ['-std=c11', '-D_GNU_SOURCE', '-O2', '-I.', source, 'ros.c', '-o', peer, '-lddsc'], {
    cwd: folder,
  });
  return peer;
}
