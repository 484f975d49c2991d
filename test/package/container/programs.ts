/* Programs of this machine that the test of the container uses. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const projectRoot = join(import.meta.dirname, '..', '..', '..');
export const work = join(projectRoot, 'build', 'test-container');
export const waitMs = 120_000;

export function run(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status === 0) return result.stdout;
  const words = result.error?.message ?? `${result.stderr}${result.stdout}`.trim().slice(-2_000);
  throw new Error(`${program} ${args[0] ?? ''}: ${words}`);
}

export const has = (program: string) =>
  spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;

export function expect(condition: boolean, words: string): void {
  if (!condition) throw new Error(words);
}

export async function until(what: () => string, condition: () => boolean | undefined): Promise<void> {
  const end = performance.now() + waitMs;
  while (condition() !== true) {
    if (performance.now() > end) throw new Error(`${what()}: not within ${waitMs / 1000} s`);
    await sleep(200);
  }
}

const needed = { skopeo: 'skopeo', umoci: 'umoci', crun: 'crun', mmdebstrap: 'mmdebstrap', ip: 'iproute2' };

/** Installs what is missing, where that is possible; gives what is still missing. */
export function missingPrograms(): readonly string[] {
  if (process.getuid?.() !== 0) return ['root'];
  const missing = () => Object.entries(needed).filter(([program]) => !has(program));
  if (missing().length > 0 && has('apt-get')) install(missing().map(([, debian]) => debian));
  return missing().map(([program]) => program);
}

export function install(names: readonly string[]): void {
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'ignore'] as 'ignore'[],
  };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], options);
}
