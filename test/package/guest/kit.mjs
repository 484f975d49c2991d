/* What the chapters of the guest share: commands, waiting, the agent's figures, and the lines of the results. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export const packages = '/opt/test';
export const environment = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  DEBIAN_FRONTEND: 'noninteractive',
  LC_ALL: 'C.UTF-8',
};
export const say = (line) => appendFileSync(`${packages}/results`, `${line}\n`);

export function sh(command) {
  const options = { encoding: 'utf8', maxBuffer: 64 << 20, env: environment };
  const result = spawnSync('sh', ['-c', command], options);
  return { status: result.status, text: `${result.stdout}${result.stderr}`.trim() };
}

/** Throws what the command said where it failed. */
export function must(command) {
  const { status, text } = sh(command);
  if (status !== 0) throw new Error(`${command}: exit status ${status}: ${text.slice(-1_500)}`);
  return text;
}

export function expect(condition, words) {
  if (!condition) throw new Error(words);
}

export async function until(what, seconds, condition) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error.message;
    }
    await sleep(100);
  }
  throw new Error(`${what}: not within ${seconds} s (${last})`);
}

/** A program that runs beside the steps: its lines, and its end. */
export class Beside {
  #child;
  #text = '';

  constructor(command) {
    this.#child = spawn('sh', ['-c', `exec ${command}`], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk) => {
        this.#text += chunk;
      });
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
  }

  get text() {
    return this.#text;
  }

  says(words, seconds = 120) {
    return until(`"${words}"`, seconds, () => {
      if (this.#text.includes(words)) return this.#text;
      if (this.#child.exitCode !== null)
        throw new Error(`it ended with ${this.#child.exitCode}: ${this.#text}`);
      return undefined;
    });
  }

  /** Its exit status. */
  async end() {
    this.#child.kill('SIGTERM');
    return this.ended;
  }
}

/** How many frames the agent has looked at; undefined while nobody answers. */
export async function frames() {
  try {
    const text = await (
      await fetch('http://127.0.0.1:9464/metrics', { signal: AbortSignal.timeout(1_000) })
    ).text();
    return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(text)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

export async function step(name, action) {
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  try {
    const found = (await action()) ?? {};
    say(JSON.stringify({ name, ok: true, seconds: seconds(), load: loadavg()[0], ...found }));
  } catch (error) {
    say(JSON.stringify({ name, ok: false, seconds: seconds(), problem: error.message }));
  }
}

export const skip = (name, reason) => say(JSON.stringify({ name, skipped: reason, seconds: 0 }));

/** Seconds of each part, so that a slow one can be found. */
export async function parts(work) {
  const seconds = {};
  for (const [name, action] of Object.entries(work)) {
    const began = Date.now();
    await action();
    seconds[name] = (Date.now() - began) / 1000;
  }
  return seconds;
}

export const show = (unit, property) => must(`systemctl show -P ${property} ${unit}`);

/** Of the main process; throws where the unit does not run. */
export function pidOf(unit) {
  const pid = show(unit, 'MainPID');
  expect(pid !== '0', `${unit} does not run`);
  return pid;
}

export const seesPictures = () => until('the agent perceives', 60, async () => ((await frames()) ?? 0) > 5);

/** Lines that a unit wrote since it was started the last time. */
export const journal = (unit) =>
  must(`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=${show(unit, 'InvocationID')}`).split('\n');
export const says = (unit, words) =>
  until(`${unit} says "${words}"`, 60, () => journal(unit).find((line) => line.includes(words)));

/** Asks the controller of this machine. */
export const ask = async (path, options = {}) => {
  const token = readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(`http://127.0.0.1:8080/api/v1/${path}`, { headers, ...options })).json();
};
