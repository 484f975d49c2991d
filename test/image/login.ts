import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './guest.ts';
import { work } from './places.ts';
import type { Steps } from './steps.ts';

/* The way in for the owner of an image: a key that was given at the build. The board is on this loopback. */

/** `.pub` beside it is what the image is built with. */
export const ownerKey = join(work, 'owner');

export function makeOwnerKey(): void {
  makeKey(ownerKey);
}

function makeKey(file: string): void {
  for (const one of [file, `${file}.pub`]) rmSync(one, { force: true });
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'owner', '-f', file]);
}

function ssh(user: string, key: string, ...options: readonly string[]) {
  const usual = ['-F', '/dev/null', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  const words = [...usual, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-i', key, ...options];
  const { status, stdout, stderr } = spawnSync('ssh', [...words, `${user}@127.0.0.1`, 'id -un'], {
    encoding: 'utf8',
  });
  return { status, said: stdout.trim(), problem: stderr.trim() };
}

/** `state`: the data partition of a board that has come up. */
export async function loginStep(steps: Steps, state: string): Promise<void> {
  await steps.step('login: root with the key of the image, and nobody in another way', async () => {
    await until('root logs in', 60_000, async () => ssh('root', ownerKey).said === 'root');
    const stranger = join(work, 'stranger');
    makeKey(stranger);
    const methods = '-oPreferredAuthentications=password,keyboard-interactive';
    for (const [what, { status, problem }] of [
      ['another key', ssh('root', stranger)],
      ['another user', ssh('goshawk', ownerKey)],
      ['a password', ssh('root', '/dev/null', '-oPubkeyAuthentication=no', methods)],
    ] as const)
      if (status !== 255 || !problem.includes('Permission denied (publickey)'))
        throw new Error(`${what}: exit status ${status}: ${problem}`);
    if (!existsSync(join(state, 'lib/goshawk-image/ssh/ssh_host_ed25519_key')))
      throw new Error('the board has no host key of its own');
    return undefined;
  });
}
