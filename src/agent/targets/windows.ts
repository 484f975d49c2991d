import { defined, percentile } from '../../base/index.ts';
import type { CameraStats, DetectionSink, PerceptionResult } from '../../perception/index.ts';
import type { CameraWindow } from './promise.ts';

interface Totals {
  readonly atMs: number;
  readonly received: number;
  readonly thinned: number;
}

interface Collected {
  latenciesMs: number[];
  detectorMs: number;
  zones: Map<string, boolean>;
}

/** Cuts what cameras do into windows: between two calls of `cut`. A sink of the pipeline sees every result. */
export class CameraWindows implements DetectionSink {
  readonly #totals = new Map<string, Totals>();
  readonly #collected = new Map<string, Collected>();

  publish({ camera, captureToPublishMs, timings, rules }: PerceptionResult): void {
    const collected = this.#of(camera);
    collected.latenciesMs.push(captureToPublishMs);
    collected.detectorMs += timings.preprocessMs + timings.inferMs + timings.postprocessMs;
    for (const { name, inside } of rules?.zones ?? [])
      collected.zones.set(name, inside > 0 || collected.zones.get(name) === true);
  }

  /** `nowMs`: monotonic. A camera's first call gives no window. */
  cut(cameras: readonly CameraStats[], nowMs: number): CameraWindow[] {
    return cameras.flatMap(({ camera, frames, settings, fault }) => {
      const before = this.#totals.get(camera);
      const now = { atMs: nowMs, received: frames.received, thinned: frames.skipped.thinned };
      this.#totals.set(camera, now);
      const { latenciesMs, detectorMs, zones } = this.#of(camera);
      this.#collected.delete(camera);
      if (before === undefined || nowMs <= before.atMs) return [];
      return [
        {
          camera,
          seconds: (nowMs - before.atMs) / 1000,
          enabled: settings.enabled,
          given: now.received - before.received,
          thinned: now.thinned - before.thinned,
          published: latenciesMs.length,
          p95LatencyMs: latenciesMs.length === 0 ? undefined : percentile(latenciesMs, 0.95),
          detectorMs,
          zones,
          ...defined({ fault }),
        },
      ];
    });
  }

  #of(camera: string): Collected {
    const known = this.#collected.get(camera);
    if (known !== undefined) return known;
    const made = { latenciesMs: [], detectorMs: 0, zones: new Map<string, boolean>() };
    this.#collected.set(camera, made);
    return made;
  }
}
