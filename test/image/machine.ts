import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hardware, type MachineOptions } from './hardware.ts';

/*
 * A board in QEMU, started from a disk with an image on it. The image is the one that is shipped, byte for byte: what lets a
 * test look inside are systemd's credentials, which the machine's firmware hands over, with a unit that reads commands from
 * a serial line.
 */

const pingMs = 20_000;

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
  #words = '';
  #answers = false;

  constructor(options: MachineOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
    // What a machine before it left here would be taken for its own.
    for (const name of ['line', 'monitor', 'console.log'])
      rmSync(join(options.folder, name), { force: true });
    const [program, args] = hardware(options);
    this.#qemu = spawn('nice', ['-n', options.emulate === true ? '8' : '0', program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#qemu.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-2000);
    });
    this.ended = new Promise((resolve) => {
      this.#qemu.on('exit', (code) => {
        if (code !== null && code !== 0) process.stderr.write(`qemu: ${this.#words}\n`);
        resolve();
      });
    });
  }

  /** What QEMU itself said. */
  get words(): string {
    return this.#words;
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
      // The firmware reads such lines too, and whoever starts anew forgets them: what may be done once is asked of who answers.
      this.#answers ||= (await this.#ask('true', Math.min(pingMs, end - Date.now()))) !== undefined;
      const answer = this.#answers ? await this.#ask(command, end - Date.now()) : undefined;
      if (answer !== undefined) return answer;
      this.#answers = false;
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

  /** The network cable is pulled, or put in. */
  async cable(state: 'off' | 'on'): Promise<void> {
    const path = join(this.#options.folder, 'monitor');
    let monitor = await dial(path);
    // QEMU has only just been started.
    while (monitor === undefined && this.running) {
      await sleep(20);
      monitor = await dial(path);
    }
    if (monitor === undefined) throw new Error(`QEMU ended: ${this.#words}`);
    const line = monitor;
    await new Promise<void>((resolve) => line.write(`set_link net ${state}\n`, () => resolve()));
    await sleep(500);
    line.destroy();
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
          // Of an earlier question, whose time was over; or the question itself, from a line that echoes until the guest reads it.
          if (answered !== number || !/^\d+$/.test(status)) continue;
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
