import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../goshawk.ts';

export const scripts = join(projectRoot, 'deploy/jetson');

/** Runs one of deploy/jetson with a shell of this machine. */
export function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const ran = spawnSync('sh', [join(scripts, script), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

export function why(program: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  return found ? undefined : `${program} is not installed`;
}
