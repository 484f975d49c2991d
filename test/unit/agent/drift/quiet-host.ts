import { mainSignals } from '../../../../src/agent/drift/main-signals.ts';
import type { DriftHost } from '../../../../src/agent/index.ts';
import type { DriftSettings } from '../../../../src/protocol/index.ts';
import { modelOf } from '../../../fakes/fake-device.ts';

/** Says what a test puts there. */
export class QuietHost implements DriftHost {
  readonly wanted: [camera: string, settings: DriftSettings][] = [];
  learning = false;
  incident = false;
  changedMs = Number.NEGATIVE_INFINITY;
  change: () => void = () => {};
  readonly answered = { right: 0, wrong: 0, none: 0 };
  #tick = 0;

  configure(camera: string, settings: DriftSettings): void {
    this.wanted.push([camera, settings]);
  }

  onChange(listener: () => void): void {
    this.change = listener;
  }

  statuses(): ReturnType<DriftHost['statuses']> {
    // As long as the real one, each time with other values.
    this.#tick += 1;
    const signals = [...mainSignals].map((name, i) => ({
      name,
      value: Math.round(1000 * Math.sin(this.#tick + i)) / 1000,
      deviations: Math.round(1000 * Math.cos(this.#tick + i)) / 1000,
    }));
    const profile = { digest: modelOf('b').digest, modelDigest: modelOf('a').digest, seconds: 3600 };
    return { front: { state: 'watching' as const, watched: ['sensor' as const], profile, signals } };
  }

  readings(): ReturnType<DriftHost['readings']> {
    this.#tick += 1;
    const signals = [...mainSignals].map((name, i) => ({
      name,
      deviations: Math.round(8 * Math.sin(this.#tick + i)) / 8,
    }));
    return [
      {
        ...{ camera: 'front', incident: this.incident, changedMs: this.changedMs },
        ...{
          score: Math.abs(Math.sin(this.#tick)),
          signals,
          frames: { count: this.#tick, bytes: this.#tick },
        },
        alarms: this.incident ? [{ verdict: 'sensor fault: frozen', grade: 'alarm' as const, count: 1 }] : [],
      },
    ];
  }

  listFrames(): never {
    throw new Error('not asked here');
  }

  framePiece(): never {
    throw new Error('not asked here');
  }

  challenge(): never {
    throw new Error('not asked here');
  }
}
