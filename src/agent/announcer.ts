import type { Cancel, Clock } from '../base/index.ts';
import type { Birth } from '../protocol/index.ts';
import type { InstrumentRegistry } from '../telemetry/index.ts';
import type { Letters } from './device-publisher.ts';
import type { Notebook } from './agent-state-store.ts';
import type { SelfDescription } from './device-report.ts';

export interface IntroductionPorts {
  readonly self: SelfDescription;
  readonly registry: InstrumentRegistry;
  readonly notebook: Notebook;
  readonly letters: Letters;
  readonly clock: Clock;
}

const birthRetryMs = 5_000;
const soonMs = 100;

/** When the device says what it is (its birth) and how it does (what it reports). */
export class Introduction {
  readonly #ports: IntroductionPorts;
  /** Known before the first birth. */
  board: Birth['board'] | undefined;
  #catalogueGrew = true;
  #retry: Cancel | undefined;
  #soon: Cancel | undefined;

  constructor(ports: IntroductionPorts) {
    this.#ports = ports;
  }

  /** The next `refresh` gives birth anew, so that the fleet knows every alias before a batch has it. */
  catalogueGrew(): void {
    this.#catalogueGrew = true;
  }

  async refresh(): Promise<void> {
    if (this.#catalogueGrew) await this.giveBirth();
  }

  async giveBirth(): Promise<void> {
    const { self, registry, notebook, letters, clock } = this.#ports;
    const catalogue = [...registry.catalogue()];
    if (this.#catalogueGrew) {
      this.#catalogueGrew = false;
      void notebook.update({ catalogue });
    }
    if (this.board === undefined) return;
    const born = await letters.publish('state', self.birth(this.board, catalogue));
    this.#retry?.();
    this.#retry = undefined;
    if (!born && letters.online) this.#retry = clock.after(birthRetryMs, () => void this.giveBirth());
  }

  report(): void {
    const { letters, self } = this.#ports;
    void letters.publish('reported', self.reported());
  }

  /** Once for all that changes at the same moment. */
  reportSoon(): void {
    this.#soon ??= this.#ports.clock.after(soonMs, () => {
      this.#soon = undefined;
      this.report();
    });
  }

  close(): void {
    this.#retry?.();
    this.#soon?.();
  }
}
