import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Cut, type Entry, readLog, replay, survivors } from '../../image/recording.ts';

const megabytes = 64;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

/** Programs that are not here, and rights: why nothing can be recorded; undefined where all is there. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root, to mount';
  if (!existsSync('/dev/fuse') || !existsSync('/dev/loop-control'))
    return 'there is no FUSE or no loop device';
  for (const program of ['qemu-storage-daemon', 'mkfs.ext4', 'losetup'])
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed`;
    }
  return undefined;
}

/**
 * An ext4 of this kernel whose every write and flush is recorded: QEMU's blklogwrites keeps the log, its storage daemon
 * shows the disk as a file (FUSE), and a loop device makes a disk of that file again. The disk as a cut of power at any
 * moment leaves it is mounted in the same place, and the kernel replays its journal.
 */
export class RecordedFileSystem {
  readonly mounted: string;
  readonly #folder: string;
  #ends: (() => void)[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.mounted = join(folder, 'mounted');
  }

  /** Of the log, in bytes: a moment of the recording. */
  get moment(): number {
    return statSync(this.#path('log')).size;
  }

  async record(life: () => Promise<void>): Promise<void> {
    mkdirSync(this.mounted, { recursive: true });
    const [disk, log, shown] = [this.#path('disk'), this.#path('log'), this.#path('shown')];
    run('truncate', '-s', `${megabytes}M`, disk);
    run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', disk);
    copyFileSync(disk, this.#path('before'));
    for (const path of [log, shown]) writeFileSync(path, '');
    const file = (name: string, path: string) => [
      '--blockdev',
      `driver=file,node-name=${name},filename=${path}`,
    ];
    const daemon = spawn(
      'qemu-storage-daemon',
      [
        ...[...file('disk', disk), ...file('log', log)],
        ...['--blockdev', 'driver=blklogwrites,node-name=recorded,file=disk,log=log'],
        ...['--export', `type=fuse,id=shown,node-name=recorded,mountpoint=${shown},writable=on`],
      ],
      { stdio: 'inherit' },
    );
    const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
    try {
      while (statSync(shown).size === 0) {
        if (daemon.exitCode !== null) throw new Error('qemu-storage-daemon ended.');
        await wait(50);
      }
      this.#mount(shown);
      await life();
    } finally {
      this.unmount();
      daemon.kill();
      await ended;
    }
  }

  get entries(): readonly Entry[] {
    return readLog(this.#path('log'));
  }

  /** Mounts the disk as it was left by a cut before the entry `end`. */
  cut(entries: readonly Entry[], end: number, chance: () => number): Cut {
    const { kept, cut } = survivors(entries, end, chance);
    const disk = this.#path('cut');
    copyFileSync(this.#path('before'), disk);
    replay(this.#path('log'), kept, disk);
    this.#mount(disk);
    return cut;
  }

  unmount(): void {
    for (const end of this.#ends.reverse()) end();
    this.#ends = [];
  }

  close(): void {
    this.unmount();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #mount(disk: string): void {
    const loop = run('losetup', '--find', '--show', disk);
    this.#ends.push(() => run('losetup', '--detach', loop));
    run('mount', '-t', 'ext4', loop, this.mounted);
    this.#ends.push(() => run('umount', this.mounted));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
