import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { perceives, until } from './guest.ts';
import { Machine } from './machine.ts';
import { work } from './places.ts';
import type { ImageFiles } from './prepare.ts';
import { must } from './ram-disk.ts';
import type { Steps } from './steps.ts';

/* A whole board in QEMU: loader, kernel, disk, updates. */

export interface BoardOptions {
  /** In software: everything takes ten times as long and more. */
  readonly emulate: boolean;
}

/** A card with the image on it. */
export function cardWith(image: string, name: string, gigabytes = 6): string {
  const card = join(work, `${name}.disk`);
  rmSync(card, { force: true });
  must(`cp --sparse=always ${image} ${card} && truncate --size=${gigabytes}G ${card}`);
  return card;
}

/** Whether a guest runs here: that there is a /dev/kvm says little. */
export async function kvmRuns(): Promise<boolean> {
  if (!existsSync('/dev/kvm')) return false;
  const machine = new Machine({ folder: join(work, 'kvm'), disk: 'null-co://' });
  try {
    return await until('the firmware speaks', 15_000, async () => machine.console.length > 0);
  } catch {
    return false;
  } finally {
    await machine.cut();
  }
}

/** A disk with a good update and one whose agent can't start. */
export function updatesDisk({ update }: ImageFiles): string {
  const folder = join(work, 'updates');
  const bad = join(work, 'bad');
  for (const path of [folder, bad]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  }
  must(`ln ${update} ${folder}/good.raucb`);
  must(
    `cp --sparse=always ${join(work, 'root-generic-amd64.img')} ${bad}/root.img && cp ${join(work, 'update-generic-amd64/manifest.raucm')} ${bad}`,
  );
  must(`debugfs -w -R 'rm /usr/lib/goshawk-agent/bin/node' ${bad}/root.img`);
  must(
    `rauc bundle --cert=${work}/update-throwaway.cert.pem --key=${work}/update-throwaway.key.pem --mksquashfs-args='-comp zstd -Xcompression-level 1' ${bad} ${folder}/bad.raucb`,
  );
  must(
    `cp ${update} ${folder}/damaged.raucb && printf x | dd of=${folder}/damaged.raucb bs=1 seek=100000000 conv=notrunc status=none`,
  );
  const disk = join(work, 'updates.img');
  rmSync(disk, { force: true });
  must(`mke2fs -q -t ext4 -d ${folder} ${disk} 1100m`);
  rmSync(bad, { recursive: true });
  return disk;
}

export class BoardTest {
  readonly #steps: Steps;
  readonly #machine: Machine;
  readonly #began = performance.now();
  readonly #factor: number;

  constructor(steps: Steps, disk: string, extra: string, { emulate }: BoardOptions) {
    this.#steps = steps;
    this.#factor = emulate ? 20 : 1;
    this.#machine = new Machine({ folder: join(work, 'board'), disk, extra, emulate });
  }

  #since(): number {
    return Math.round((performance.now() - this.#began) / 100) / 10;
  }

  /** The slot that runs, once it has been found good. */
  async #confirmed(slot: 'A' | 'B'): Promise<void> {
    const machine = this.#machine;
    await until(`slot ${slot} is confirmed`, 120_000 * this.#factor, async () => {
      const { text } = await machine.sh(
        'sed "s/.*rauc.slot=\\(.\\).*/\\1/" /proc/cmdline; systemctl is-active goshawk-confirm',
        30_000 * this.#factor,
      );
      return text.trim() === `${slot}\nactive`;
    });
  }

  async firstBoot(): Promise<boolean> {
    const machine = this.#machine;
    return this.#steps.step('board: first boot, perceiving, confirmed', async () => {
      await machine.must('true', 120_000 * this.#factor);
      const userSpace = this.#since();
      await perceives(machine, 180_000 * this.#factor);
      const perceiving = this.#since();
      await this.#confirmed('A');
      return {
        userSpace,
        perceiving,
        confirmed: this.#since(),
        data: await machine.must('cat /run/goshawk-image/data'),
      };
    });
  }

  /** Installs and starts an update. */
  async update(name: string, to: 'A' | 'B'): Promise<boolean> {
    return this.#steps.step(`board: ${name} update, then slot ${to}`, async () => {
      const began = this.#since();
      await this.#install(name);
      const installed = this.#since();
      await this.#machine.sh('systemctl reboot', 10_000).catch(() => {});
      await this.#confirmed(to);
      const slots = await this.#machine.must(
        'cat /var/lib/goshawk-image/done; /usr/lib/goshawk-image/slots get-primary; /usr/lib/goshawk-image/slots get-trial',
      );
      return { installSeconds: installed - began, confirmedSeconds: this.#since() - installed, slots };
    });
  }

  /** Which has to be refused before anything is written. */
  async refused(name: string): Promise<boolean> {
    return this.#steps.step(`board: a ${name} update is refused`, async () => {
      const said = await this.#install(name).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (said === undefined) throw new Error('it was installed');
      const primary = await this.#machine.must('/usr/lib/goshawk-image/slots get-primary');
      return { primary: primary.trim(), said: said.slice(-120) };
    });
  }

  async #install(name: string): Promise<void> {
    await this.#machine.must(
      'mountpoint -q /mnt || mount -o ro /dev/disk/by-id/virtio-extra /mnt',
      30_000 * this.#factor,
    );
    await this.#machine.must(`rauc install /mnt/${name}.raucb`, 180_000 * this.#factor);
  }

  async close(): Promise<void> {
    await this.#machine.cut();
  }
}

/** First boot, a good update, a bad one, a damaged one. */
export async function boardSteps(steps: Steps, files: ImageFiles, options: BoardOptions): Promise<void> {
  const board = new BoardTest(steps, cardWith(files.image, 'board'), updatesDisk(files), options);
  try {
    if (!(await board.firstBoot())) return;
    await board.refused('damaged');
    if (!(await board.update('good', 'B'))) return;
    await board.update('bad', 'B');
  } finally {
    await board.close();
  }
}

/** For the runner: nothing of this is left on the machine. */
export function removeBoardFiles(): void {
  spawnSync('rm', ['-rf', join(work, 'board.disk'), join(work, 'updates'), join(work, 'updates.img')]);
}
