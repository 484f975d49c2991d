import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { nativeBuild } from '../../device/native/index.ts';

/** Runs the build in a process of its own and tells what it says; gives its exit status. */
export async function buildNativeParts(tell: (line: string) => void): Promise<number> {
  const build = spawn(process.execPath, nativeBuild(), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve, reject) => {
    build.on('error', reject);
    build.on('close', (code) => resolve(code ?? 1));
  });
  createInterface({ input: build.stdout }).on('line', tell);
  return ended;
}
