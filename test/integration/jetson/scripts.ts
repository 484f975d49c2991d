import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../goshawk.ts';

export const scripts = join(projectRoot, 'deploy/jetson');

/** Before a command that has to be root's, as NVIDIA's programs want it: nothing for root, else a user namespace. */
const root = process.getuid?.() === 0 ? [] : ['unshare', '--user', '--map-root-user'];

/** Why no command can be root's here. */
export const noRoot =
  spawnSync('sh', ['-c', `${root.join(' ')} true`]).status === 0
    ? undefined
    : 'neither root nor a user namespace is to be had';

/** Runs one of deploy/jetson as it is shipped, by its first line; as root where that can be had. */
export function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return runFile(join(scripts, script), args, env);
}

export function runFile(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string) {
  const [program = '', ...rest] = [...(noRoot === undefined ? root : []), file, ...args];
  const ran = spawnSync(program, rest, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    // A net for what never ends.
    timeout: 120_000,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (ran.error !== undefined) throw new Error(`${file}: ${ran.error.message}`);
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

export function why(program: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  return found ? undefined : `${program} is not installed`;
}
