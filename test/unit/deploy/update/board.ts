import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentBlock, firstSlots } from '../../../../src/image/index.ts';
import { readSlots, startSlot } from '../../../fixtures/boot-loader.ts';
import { cut, digestOf, UpdateMachine } from './machine.ts';

/**
 * A flashed board: the helper and the script of the slots are the real ones, the boot loader is a few lines here, and RAUC is a
 * script that asks for the same things in the same order as RAUC does (test/image/update.ts has the real one). A system is its
 * version: one that says `dead` does not come up, `good` and `bad` are the verdict of its agent.
 */
export class BoardMachine extends UpdateMachine {
  constructor(seconds = 1) {
    super(seconds);
    const { root } = this;
    this.write('esp.env', environmentBlock(firstSlots));
    this.program('image/slots', slotsScript.replaceAll('@ROOT@', root), 'whole');
    this.write('slot-A', '1.0.0');
    this.write('slot-B', '');
    this.#come('A');
    this.program('bin/rauc', cut(rauc));
    this.program('real-systemctl', 'case "$*" in reboot) touch "$MACHINE/rebooted" ;; esac');
  }

  override get installed(): string {
    return this.text(`slot-${this.#current}`) ?? '';
  }

  override get guarded(): boolean {
    return this.has('state/guard/run');
  }

  get trial(): string | undefined {
    return readSlots(this.text('esp.env') ?? '').TRIAL;
  }

  override async update(version: string, power = Number.POSITIVE_INFINITY) {
    this.write('steps', '0');
    const digest = digestOf(version);
    const whole =
      (await this.ask(`prepare ${digest}`, power)) &&
      (this.standing(version).kind !== 'prepared' ||
        ((await this.ask(`install ${digest}`, power)) &&
          (await this.guard(power)) &&
          (await this.#restart(power))));
    return { whole, installedAt: Number(this.text('installed-at')) };
  }

  /** The power is back: the loader, what systemd starts, then an agent that goes on. */
  override async boot(version: string): Promise<void> {
    await this.powerOn();
    const { kind } = this.standing(version);
    if (kind === 'none' || kind === 'prepared') await this.update(version);
  }

  async powerOn(): Promise<void> {
    this.write('rebooted', '');
    await this.#restart(Number.POSITIVE_INFINITY);
  }

  async #restart(power: number): Promise<boolean> {
    while (this.has('rebooted')) {
      this.remove('rebooted');
      this.#load();
      if (this.guarded && !(await this.guard(power))) return false;
    }
    return true;
  }

  #load(): void {
    for (;;) {
      const { slot, block } = startSlot(this.text('esp.env') ?? '');
      this.write('esp.env', block);
      if (this.text(`slot-${slot}`)?.includes('dead') === true) continue;
      this.#come(slot);
      return;
    }
  }

  #come(slot: string): void {
    this.write('cmdline', `root=/dev/sda2 rauc.slot=${slot} quiet\n`);
    const version = this.text(`slot-${slot}`) ?? '';
    if (version === '' || version === 'half') throw new Error(`slot ${slot} is not whole`);
    this.write('image/image.json', `${JSON.stringify({ board: 'generic-amd64', version }, undefined, 2)}\n`);
    const verdict = version.includes('good')
      ? 'good'
      : version.includes('bad')
        ? 'bad it sees nothing'
        : undefined;
    if (verdict !== undefined) this.write('agent/update/verdict', `${digestOf(version)} ${verdict}\n`);
  }

  get #current(): string {
    return /slot=(.)/.exec(this.text('cmdline') ?? '')?.[1] ?? '';
  }
}

const slotsScript = readFileSync(
  join(import.meta.dirname, '../../../../deploy/image/root/usr/lib/goshawk-image/slots'),
  'utf8',
)
  .replace(/^file=.*$/m, 'file=@ROOT@/esp.env')
  .replace('/run/goshawk-image/slots.lock', '@ROOT@/lock')
  .replace('/proc/cmdline', '@ROOT@/cmdline')
  .replace(/^ {2}(mkdir -p|mount -t vfat|trap) .*$/gm, '')
  .replace(/^PATH=.*$/m, 'PATH=/usr/bin:/bin');

/** Half a system first: the power may go there too. What says `broken` has another signature. */
const rauc = `slots="$MACHINE/image/slots"
current=$("$slots" get-current)
other=A; [ "$current" = A ] && other=B
case "$*" in
  install*)
    version=$(cat "$2")
    case "$version" in *broken*) printf '%s\\n' installing '  0% Installing' 'LastError: signature verification failed' idle 'Installing failed'; exit 1 ;; esac
    "$slots" set-state $other bad
    echo half > "$MACHINE/slot-$other"
    ${cut('printf %s "$version" > "$MACHINE/slot-$other"').replaceAll('\n', '\n    ')} ;;
 'status mark-active other') /usr/bin/cp "$MACHINE/steps" "$MACHINE/installed-at"; "$slots" set-primary $other ;;
  'status mark-good') "$slots" set-state "$current" good ;;
  *) exit 2 ;;
esac`;
