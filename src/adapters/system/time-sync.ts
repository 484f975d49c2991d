import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';

/** Clocks lose their source slowly: the answer of a minute ago is good. */
const goodForMs = 60_000;
const answerMs = 5_000;

/** Whether NTP keeps the clock of this machine: what systemd-timesyncd or, for every other service, the kernel says. */
export class TimeSync {
  readonly #root: string;
  readonly #ask: () => Promise<string>;
  #synchronised = false;
  #askedMs = Number.NEGATIVE_INFINITY;

  /** `ask`: what `timedatectl` prints of NTPSynchronized. */
  constructor(root = '/', ask: () => Promise<string> = timedatectl) {
    this.#root = root;
    this.#ask = ask;
  }

  /** As it was asked last; false until then, and where nobody can say. */
  readonly isSynchronised = (): boolean => {
    if (performance.now() - this.#askedMs > goodForMs) void this.refresh();
    return this.#synchronised;
  };

  /** Never rejects. */
  async refresh(): Promise<void> {
    this.#askedMs = performance.now();
    const file = join(this.#root, 'run/systemd/timesync/synchronized');
    this.#synchronised = await access(file).then(
      () => true,
      () =>
        this.#ask().then(
          (text) => text.trim() === 'yes',
          () => false,
        ),
    );
  }
}

async function timedatectl(): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'timedatectl',
    ['show', '--property=NTPSynchronized', '--value'],
    { timeout: answerMs },
  );
  return stdout;
}
