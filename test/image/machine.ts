import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * A board in QEMU, started from a disk with an image on it. The image is the one that is shipped, byte for byte: what lets a
 * test look inside are systemd's credentials, which the machine's firmware hands over, with a unit that reads commands from
 * a serial line.
 */

const firmware = '/usr/share/OVMF';

/** One line in, one line out: a number and a command in base64; the number, its exit status and what it said, in base64. */
const listener = `
port=/dev/virtio-ports/goshawk.test
until [ -e $port ]; do sleep 0.1; done
exec 3<>$port
while read -r number line <&3; do
  out=$(printf %s "$line" | base64 -d | sh 2>&1); status=$?
  printf '%s %s %s\\n' "$number" "$status" "$(printf %s "$out" | base64 -w0)" >&3
done
`;

function credentials(): readonly string[] {
  const script = Buffer.from(listener).toString('base64');
  const unit = `[Unit]
Description=Commands of the test
DefaultDependencies=no
[Service]
StandardOutput=null
ExecStart=/bin/sh -c 'echo ${script} | base64 -d >/run/goshawk-test.sh; exec /bin/sh /run/goshawk-test.sh'
`;
  const files = {
    'systemd.extra-unit.goshawk-test.service': unit,
    'systemd.unit-dropin.sysinit.target': '[Unit]\nWants=goshawk-test.service\n',
  };
  return Object.entries(files).map(
    ([name, text]) => `io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`,
  );
}

export interface MachineOptions {
  /** Files of this machine. */
  readonly folder: string;
  /** What QEMU takes as `file=` of the disk. */
  readonly disk: string;
  /** Another disk, read-only, which the guest sees as /dev/disk/by-id/virtio-extra. */
  readonly extra?: string;
  /** Time that the machine's clock has at the start. */
  readonly clock?: string;
  readonly network?: boolean;
  /** In software, where there is no KVM. */
  readonly emulate?: boolean;
  readonly more?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export class Machine {
  readonly #options: MachineOptions;
  readonly #qemu: ChildProcess;
  readonly ended: Promise<void>;
  #line: Socket | undefined;
  #asked = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    const { folder } = options;
    mkdirSync(folder, { recursive: true });
    const vars = join(folder, 'vars.fd');
    rmSync(join(folder, 'line'), { force: true });
    copyFileSync(join(firmware, 'OVMF_VARS_4M.fd'), vars);
    const strings = credentials().map((value, index) => {
      const file = join(folder, `credential-${index}`);
      writeFileSync(file, value);
      return ['-smbios', `type=11,path=${file}`];
    });
    this.#qemu = spawn(
      'qemu-system-x86_64',
      [
        ...(options.emulate === true
          ? ['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'Nehalem']
          : ['-machine', 'q35,accel=kvm', '-cpu', 'host']),
        ...['-m', '1024', '-smp', '2', '-display', 'none'],
        ...['-drive', `if=pflash,format=raw,readonly=on,file=${firmware}/OVMF_CODE_4M.fd`],
        ...['-drive', `if=pflash,format=raw,file=${vars}`],
        ...['-drive', `file=${options.disk},format=raw,if=none,id=disk,cache=writeback`],
        ...['-device', 'virtio-blk-pci,drive=disk,bootindex=0'],
        ...(options.extra === undefined
          ? []
          : [
              '-drive',
              `file=${options.extra},format=raw,if=none,id=extra,readonly=on`,
              '-device',
              'virtio-blk-pci,drive=extra,serial=extra',
            ]),
        ...[
          '-netdev',
          `user,id=net${options.network === false ? ',restrict=on' : ''}`,
          '-device',
          'virtio-net-pci,netdev=net',
        ],
        ...['-device', 'i6300esb', '-action', 'watchdog=reset'],
        ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial'],
        ...['-chardev', `socket,id=line,path=${join(folder, 'line')},server=on,wait=off`],
        ...['-device', 'virtserialport,chardev=line,name=goshawk.test'],
        ...['-serial', `file:${join(folder, 'console.log')}`],
        ...(options.clock === undefined ? [] : ['-rtc', `base=${options.clock}`]),
        ...strings.flat(),
        ...(options.more ?? []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let words = '';
    this.#qemu.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000);
    });
    this.ended = new Promise((resolve) => {
      this.#qemu.on('exit', (code) => {
        if (code !== null && code !== 0) process.stderr.write(`qemu: ${words}\n`);
        resolve();
      });
    });
  }

  /** What the console said. */
  get console(): string {
    try {
      return readFileSync(join(this.#options.folder, 'console.log'), 'latin1');
    } catch {
      return '';
    }
  }

  get running(): boolean {
    return this.#qemu.exitCode === null && this.#qemu.signalCode === null;
  }

  /** Runs a shell command in the guest. Waits for a guest that is not there yet. */
  async sh(command: string, limitMs = 60_000): Promise<Answer> {
    const end = Date.now() + limitMs;
    while (Date.now() < end && this.running) {
      const answer = await this.#ask(command, end - Date.now());
      if (answer !== undefined) return answer;
      await sleep(200);
    }
    throw new Error(`The guest gave no answer to: ${command}`);
  }

  async must(command: string, limitMs?: number): Promise<string> {
    const { status, text } = await this.sh(command, limitMs);
    if (status !== 0) throw new Error(`${command}: exit status ${status}: ${text.slice(-1500)}`);
    return text;
  }

  /** The plug is pulled. */
  async cut(): Promise<void> {
    this.#line?.destroy();
    this.#line = undefined;
    this.#qemu.kill('SIGKILL');
    await this.ended;
  }

  async #ask(command: string, limitMs: number): Promise<Answer | undefined> {
    const line = this.#line ?? (await dial(join(this.#options.folder, 'line')));
    if (line === undefined) return undefined;
    this.#line = line;
    this.#asked += 1;
    const number = String(this.#asked);
    return new Promise((resolve) => {
      let text = '';
      const done = (answer: Answer | undefined) => {
        clearTimeout(timer);
        line.removeAllListeners('data');
        line.removeAllListeners('close');
        if (answer === undefined) {
          line.destroy();
          this.#line = undefined;
        }
        resolve(answer);
      };
      // A guest that starts anew forgets what it was asked.
      const timer = setTimeout(() => done(undefined), limitMs);
      line.on('close', () => done(undefined));
      line.on('data', (chunk) => {
        text += chunk.toString();
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
          const [answered, status = '', encoded = ''] = text.slice(0, end).split(' ');
          text = text.slice(end + 1);
          // Of an earlier question, whose time was over.
          if (answered !== number) continue;
          done({ status: Number(status), text: Buffer.from(encoded, 'base64').toString() });
          return;
        }
      });
      line.write(`${number} ${Buffer.from(command).toString('base64')}\n`);
    });
  }
}

function dial(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
