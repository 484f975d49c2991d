import { asGoshawkError, type GoshawkError, type Log } from '../../base/index.ts';
import { compareSettings, type SettingsChanges } from './reload.ts';

export interface ReloaderPorts<Settings> {
  /** The same reader as at the start. */
  readonly read: () => Promise<Settings>;
  /** Paths that take effect at once; see `compareSettings`. */
  readonly live: readonly string[];
  /** Brings `paths` about, with their values in `settings`. */
  readonly apply: (settings: Settings, paths: readonly string[]) => void;
  readonly log: Log;
}

/** What became of reading the settings again. */
export interface ReloadOutcome extends Pick<SettingsChanges<unknown>, 'applied' | 'waiting'> {
  /** What is wrong with the file; nothing was changed. */
  readonly problem?: GoshawkError;
}

/** Reads the settings of a running program again. A file that is wrong changes nothing. */
export class SettingsReloader<Settings extends object> {
  readonly #ports: ReloaderPorts<Settings>;
  #inForce: Settings;
  #last: Promise<ReloadOutcome> = Promise.resolve({ applied: [], waiting: [] });
  #scheduled = false;

  constructor(started: Settings, ports: ReloaderPorts<Settings>) {
    this.#inForce = started;
    this.#ports = ports;
  }

  /** One after the other; of those that are asked for meanwhile one is enough. */
  reload(): Promise<ReloadOutcome> {
    if (this.#scheduled) return this.#last;
    this.#scheduled = true;
    this.#last = this.#last.then(() => {
      this.#scheduled = false;
      return this.#reload();
    });
    return this.#last;
  }

  async #reload(): Promise<ReloadOutcome> {
    const { read, live, apply, log } = this.#ports;
    try {
      const { applied, waiting, inForce } = compareSettings(this.#inForce, await read(), live);
      if (applied.length > 0) apply(inForce, applied);
      this.#inForce = inForce;
      log.info('The settings were read again', { applied });
      if (waiting.length > 0) log.warn('Changed settings wait for a restart', { waiting });
      return { applied, waiting };
    } catch (error) {
      const problem = asGoshawkError(error, 'reload-failed', 'Fix the settings file, then reload again.');
      const { code, message, remedy } = problem;
      log.error('The reload failed: the program keeps its current settings', {
        code,
        reason: message,
        remedy,
      });
      return { applied: [], waiting: [], problem };
    }
  }
}
