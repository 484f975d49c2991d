import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './guest.ts';

/* The root file system of an image under its own systemd, in a container. */

export interface ContainerFolders {
  readonly root: string;
  /** Its /var. */
  readonly state: string;
  /** The EFI system partition, or a folder in its place. */
  readonly seed: string;
  /** File for what its console says. */
  readonly log: string;
  /** Options of systemd-nspawn for more that is bound into it. */
  readonly binds?: readonly string[];
}

/** The system of a board, as PID 1 of a container. */
export class Container {
  static #count = 0;
  readonly #nspawn: ChildProcess;
  /** It is gone: it was cut, or it ended or restarted by itself. */
  readonly ended: Promise<void>;

  constructor({ root, state, seed, log, binds = [] }: ContainerFolders) {
    const kept = join(state, 'lib/goshawk-image/machine-id');
    // On a board the initial RAM disk does this.
    const identity = existsSync(kept)
      ? [`--bind-ro=${kept}:/etc/machine-id`, `--uuid=${readFileSync(kept, 'utf8').trim()}`]
      : [];
    this.#nspawn = spawn(
      'systemd-nspawn',
      [
        ...[
          '--quiet',
          '--keep-unit',
          '--register=no',
          '--console=pipe',
          `--machine=goshawk-image-${++Container.#count}`,
          '--read-only',
        ],
        ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', `--directory=${root}`],
        ...[
          `--bind=${state}:/var`,
          `--bind-ro=${seed}:/run/goshawk-image/seed`,
          ...identity,
          ...binds,
          '--boot',
        ],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.#nspawn.stdout, this.#nspawn.stderr])
      stream?.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
    this.ended = new Promise((resolve) => this.#nspawn.on('exit', () => resolve()));
  }

  /** Everything in it ends at once. */
  async cut(): Promise<void> {
    this.#nspawn.kill('SIGKILL');
    await this.ended;
    // The container's PID 1 goes with its namespace; what it had mounted as well.
    for (const pid of leaders()) spawnSync('kill', ['-9', pid]);
    await until('the container is gone', 20_000, async () => leaders().length === 0 && !(await answers()));
  }

  sh(command: string): { readonly status: number | null; readonly text: string } {
    const { status, stdout, stderr } = this.run(command, 30_000);
    return { status, text: `${stdout}${stderr}`.trim() };
  }

  run(command: string, timeout = 1_800_000) {
    const [pid] = leaders();
    if (pid === undefined) throw new Error('The container does not run.');
    return spawnSync(
      'nsenter',
      ['--target', pid, '--mount', '--pid', '--uts', '--ipc', 'sh', '-c', command],
      {
        encoding: 'utf8',
        timeout,
      },
    );
  }
}

/** PID 1 of our container, as this namespace of processes numbers it. */
function leaders(): readonly string[] {
  return spawnSync('pgrep', ['-f', '^/usr/lib/systemd/systemd$|^/sbin/init$'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((pid) => pid !== '' && pid !== '1');
}

export async function frames(): Promise<number> {
  const answer = await fetch('http://127.0.0.1:9464/metrics', { signal: AbortSignal.timeout(2_000) });
  return [...(await answer.text()).matchAll(/^goshawk_frames_processed_total\S* (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

export const answers = () =>
  frames().then(
    () => true,
    () => false,
  );

export const perceives = () => until('the agent perceives', 120_000, async () => (await frames()) > 5);
