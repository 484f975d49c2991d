import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardOf, environmentBlock, firstSlots, raucSystem } from '../../src/image/index.ts';
import { readSlots, startSlot } from '../fixtures/boot-loader.ts';
import { Container } from './nspawn.ts';
import { projectRoot } from './places.ts';
import { must } from './ram-disk.ts';

export interface SlottedBoardOptions {
  readonly folder: string;
  /** The folder `goshawk` of the first partition lies in it. */
  readonly seed: string;
  /** File system of slot A. */
  readonly system: string;
  readonly slotMegabytes: number;
  readonly trialSeconds: number;
  /** Of the agent's metrics, as the seed says it. */
  readonly port?: number;
}

/** A board with two slots, one container after the other; its loader is here. */
export class SlottedBoard {
  readonly #options: SlottedBoardOptions;
  readonly #loops: Readonly<Record<string, string>>;
  #container: Container | undefined;
  #isOn = false;
  #running: Promise<void> = Promise.resolve();
  slot = '';
  /** Slots that were started since power was connected. */
  started = '';

  constructor(options: SlottedBoardOptions) {
    this.#options = options;
    for (const folder of ['esp/EFI/goshawk', 'root', 'var']) mkdirSync(this.#at(folder), { recursive: true });
    writeFileSync(this.#slotsFile, environmentBlock(firstSlots));
    must(`cp --sparse=always ${options.system} ${this.#at('A.img')}`);
    // A file system of its own: RAUC looks for the device that a bundle is on.
    must(`truncate --size=6G ${this.#at('data.img')} && mke2fs -q -t ext4 ${this.#at('data.img')}`);
    for (const name of ['A', 'B'])
      must(`truncate --size=${options.slotMegabytes}M ${this.#at(`${name}.img`)}`);
    this.#loops = Object.fromEntries(
      ['A', 'B', 'data'].map((name) => [name, must(`losetup --find --show ${this.#at(`${name}.img`)}`)]),
    );
    must(`mount -o noatime ${this.#loops.data} ${this.#at('var')}`);
    // As the board has it, but for what a container cannot: mounting a partition, the kernel's command line, dm-verity.
    const slots = readFileSync(join(projectRoot, 'deploy/image/root/usr/lib/goshawk-image/slots'), 'utf8')
      .replace(/^ {2}(mount -t vfat|trap) .*$/gm, '')
      .replace('/proc/cmdline', '/run/goshawk-image/cmdline');
    writeFileSync(this.#at('slots'), slots, { mode: 0o755 });
    const board = boardOf('generic-amd64');
    if (board === undefined) throw new Error('there is no such board');
    writeFileSync(this.#at('system.conf'), raucSystem(board).replace('bundle-formats=-plain\n', ''));
    writeFileSync(this.#at('environment'), `TRIAL_SECONDS=${options.trialSeconds}\n`);
  }

  on(): void {
    this.#isOn = true;
    this.started = '';
    this.#running = this.#run();
  }

  async off(): Promise<void> {
    this.#isOn = false;
    await this.#container?.cut();
    await this.#running;
  }

  /** Everything in it ends at once; the power is back then. */
  async cut(): Promise<void> {
    await this.#container?.cut();
  }

  /** Of the system that runs. */
  get version(): string {
    const file = this.#at('root/usr/lib/goshawk-image/image.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }

  get isGuarded(): boolean {
    return existsSync(this.#at('var/lib/goshawk-update/guard/run'));
  }

  close(): void {
    must(`umount ${this.#at('var')}`);
    for (const loop of Object.values(this.#loops)) must(`losetup --detach ${loop}`);
  }

  /** One line of what the helper tells the agent. */
  status(name: string): string {
    const file = this.#at('var/lib/goshawk-update/status');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  }

  /** Throws where a slot is not what runs, is kept and is first. */
  expectKept(slot: string): void {
    const slots = readSlots(readFileSync(this.#slotsFile, 'utf8'));
    const isFirst = slots.ORDER?.startsWith(slot) === true || slots[`${slot === 'A' ? 'B' : 'A'}_OK`] === '0';
    if (this.slot !== slot || slots.TRIAL !== 'none' || slots[`${slot}_OK`] !== '1' || !isFirst)
      throw new Error(`slot ${this.slot} runs: ${JSON.stringify(slots)}`);
    if (this.isGuarded) throw new Error('the guard is left');
  }

  /** What a person would look at when something is wrong. */
  told(): string {
    const journal =
      'journalctl -b --no-pager -o cat -u goshawk-update -u goshawk-update-guard -u rauc -u goshawk-agent | tail -n 60';
    const said = this.#container?.sh(`systemctl --failed --no-legend; ${journal}`).text ?? '';
    const console = existsSync(this.#at('console.log')) ? readFileSync(this.#at('console.log'), 'utf8') : '';
    return `${said}\n${this.#status()}\n${console.slice(-1500)}`;
  }

  #status(): string {
    const file = this.#at('var/lib/goshawk-update/status');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const { slot, block } = startSlot(readFileSync(this.#slotsFile, 'utf8'));
      writeFileSync(this.#slotsFile, block);
      this.slot = slot;
      this.started += slot;
      writeFileSync(this.#at('cmdline'), `ro rauc.slot=${slot} quiet\n`);
      writeFileSync(
        this.#at('rauc.conf'),
        `[Service]\nExecStart=\nExecStart=/usr/bin/rauc --mount=/run/rauc/mnt --override-boot-slot=${slot} service\n`,
      );
      must(`mount -o ro,noload ${this.#loops[slot]} ${this.#at('root')}`);
      this.#container = new Container({
        ...{
          root: this.#at('root'),
          state: this.#at('var'),
          seed: this.#options.seed,
          log: this.#at('console.log'),
        },
        ...(this.#options.port === undefined ? {} : { port: this.#options.port }),
        binds: this.#binds(),
      });
      await this.#container.ended;
      await this.#container.cut();
      must(`umount ${this.#at('root')}`);
    }
  }

  #binds(): readonly string[] {
    const own = {
      slots: '/usr/lib/goshawk-image/slots',
      'system.conf': '/etc/rauc/system.conf',
      environment: '/etc/default/goshawk-update',
      cmdline: '/run/goshawk-image/cmdline',
      'rauc.conf': '/run/systemd/system/rauc.service.d/test.conf',
    };
    const devices = ['loop-control', ...Array.from({ length: 16 }, (_, index) => `loop${index}`)];
    return [
      ...Object.entries(own).map(([file, path]) => `--bind-ro=${this.#at(file)}:${path}`),
      `--bind=${this.#at('esp')}:/run/goshawk-image/esp`,
      `--bind=${this.#loops.A}:/dev/goshawk/goshawk-root-a`,
      `--bind=${this.#loops.B}:/dev/goshawk/goshawk-root-b`,
      ...devices.filter((name) => existsSync(`/dev/${name}`)).map((name) => `--bind=/dev/${name}`),
    ];
  }

  get #slotsFile(): string {
    return this.#at('esp/EFI/goshawk/slots.env');
  }

  #at(path: string): string {
    return join(this.#options.folder, path);
  }
}
