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
  /** Of the agent's metrics; 9464 where the seed says nothing else. */
  readonly port?: number;
  /** Options of systemd-nspawn for more that is bound into it. */
  readonly binds?: readonly string[];
}

/** The system of a board, as PID 1 of a container. */
export class Container {
  static #count = 0;
  readonly #nspawn: ChildProcess;
  readonly #port: number | undefined;
  /** It is gone: it was cut, or it ended or restarted by itself. */
  readonly ended: Promise<void>;

  constructor({ root, state, seed, log, port, binds = [] }: ContainerFolders) {
    this.#port = port;
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
    // The container's PID 1 goes with its namespace; what it had mounted as well.
    const pids = this.#leaders();
    this.#nspawn.kill('SIGKILL');
    await this.ended;
    for (const pid of pids) spawnSync('kill', ['-9', pid]);
    // A process that has ended and was not reaped has no command line.
    const isGone = () => pids.every((pid) => commandOf(pid) === '');
    await until('the container is gone', 20_000, async () => isGone() && !(await answers(this.#port)));
  }

  /** Its PID 1, as this namespace of processes numbers it. */
  #leaders(): readonly string[] {
    const { pid } = this.#nspawn;
    const pattern = '^/usr/lib/systemd/systemd$|^/sbin/init$';
    const found = spawnSync('pgrep', ['-P', String(pid), '-f', pattern], { encoding: 'utf8' });
    return found.stdout.split('\n').filter((one) => one !== '');
  }

  sh(command: string): { readonly status: number | null; readonly text: string } {
    const { status, stdout, stderr } = this.run(command, 30_000);
    return { status, text: `${stdout}${stderr}`.trim() };
  }

  run(command: string, timeout = 1_800_000) {
    const [pid] = this.#leaders();
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

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export async function frames(port = 9464): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2_000) });
  return [...(await answer.text()).matchAll(/^goshawk_frames_processed_total\S* (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

export const answers = (port?: number) =>
  frames(port).then(
    () => true,
    () => false,
  );

export const perceives = (port?: number) =>
  until('the agent perceives', 120_000, async () => (await frames(port)) > 5);
