import type { Cancel, Clock } from '../../base/index.ts';
import type { Manifest } from '../../model/index.ts';
import { lateStanding, type WatchedStats } from './probation.ts';
import type { SlotHost } from './slot-host.ts';

export interface LateEvidencePorts {
  readonly pipeline: SlotHost;
  readonly clock: Clock;
  /** Enough frames came: undefined where the model does well, otherwise what is wrong with it. */
  readonly onEvidence: (wrong: string | undefined) => void;
}

const everyMs = 10_000;

/** Goes on looking at a model that was kept without evidence, until there is some. */
export class LateEvidence {
  readonly #ports: LateEvidencePorts;
  #cancel: Cancel | undefined;

  constructor(ports: LateEvidencePorts) {
    this.#ports = ports;
  }

  watch(before: WatchedStats, budgets: Manifest['budgets']): void {
    const { clock, pipeline, onEvidence } = this.#ports;
    this.stop();
    this.#cancel = clock.every(everyMs, () => {
      const now = lateStanding(before, pipeline.stats(), budgets);
      if (now.kind === 'goes-on') return;
      this.stop();
      onEvidence(now.kind === 'wrong' ? now.why : undefined);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
