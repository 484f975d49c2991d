import { join } from 'node:path';
import { perceives, until } from './guest.ts';
import type { Architecture } from './hardware.ts';
import { Machine } from './machine.ts';

/* A board in QEMU, and what the tests do with one. */

export interface BoardOptions {
  readonly folder: string;
  readonly card: string;
  /** In software: everything takes twenty times as long and more. */
  readonly emulate: boolean;
  readonly architecture?: Architecture;
  readonly record?: string;
  readonly extra?: string;
  readonly clock?: string;
}

/** Of the network that QEMU makes: this machine's loopback, as a board sees it. */
export const hostAddress = '10.0.2.2';

export class Board {
  readonly machine: Machine;
  readonly #factor: number;
  readonly #began = performance.now();

  constructor({ folder, card, emulate, ...more }: BoardOptions) {
    this.#factor = emulate ? 20 : 1;
    this.machine = new Machine({ folder, disk: card, emulate, ...more });
  }

  /** Seconds since power was connected. */
  get seconds(): number {
    return Math.round((performance.now() - this.#began) / 100) / 10;
  }

  /** Between two looks: each costs a guest in software as much as a real one a second. */
  get pauseMs(): number {
    return this.#factor === 1 ? 200 : 4_000;
  }

  limit(milliseconds: number): number {
    return milliseconds * this.#factor;
  }

  async up(): Promise<number> {
    await this.machine.must('true', this.limit(120_000));
    return this.seconds;
  }

  async perceives(): Promise<number> {
    await perceives(this.machine, this.limit(180_000), this.pauseMs);
    return this.seconds;
  }

  /** The slot that runs, once the loader has been told that it is good. */
  async confirmed(slot: 'A' | 'B'): Promise<number> {
    await until(
      `slot ${slot} is confirmed`,
      this.limit(180_000),
      async () => {
        const { text } = await this.machine.sh(
          'sed "s/.*rauc.slot=\\(.\\).*/\\1/" /proc/cmdline; systemctl is-active goshawk-confirm',
        );
        return text.trim() === `${slot}\nactive`;
      },
      this.pauseMs,
    );
    return this.seconds;
  }

  async install(name: string): Promise<void> {
    await this.machine.must(
      'mountpoint -q /mnt || mount -o ro /dev/disk/by-id/virtio-extra /mnt',
      this.limit(30_000),
    );
    await this.machine.must(
      `rauc install /mnt/${name}.raucb && rauc status mark-active other`,
      this.limit(180_000),
    );
  }

  async reboot(): Promise<void> {
    await this.machine.sh('sync; systemctl reboot', 10_000).catch(() => {});
  }

  slots(): Promise<string> {
    return this.machine.must(
      'for what in get-current get-primary get-trial; do echo $what $(/usr/lib/goshawk-image/slots $what); done',
      // A question that is lost in a start is asked again.
      60_000,
    );
  }

  /** What a person would look at when something is wrong. */
  async told(): Promise<string> {
    const { text } = await this.machine
      .sh(
        'systemctl --failed --no-legend; systemctl list-jobs --no-legend; journalctl -b --no-pager -o short-monotonic -p warning -n 30; journalctl -b --no-pager -o short-monotonic -u "goshawk-*" -n 30',
        this.limit(15_000),
      )
      .catch((error: Error) => ({ text: error.message }));
    return `${text}\n${this.machine.console.slice(-1500)}`;
  }

  async cut(): Promise<void> {
    await this.machine.cut();
  }
}

export const boardFolder = (work: string, name: string): string => join(work, `board-${name}`);
