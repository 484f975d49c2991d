import type { CallRequestOf } from '../protocol/index.ts';
import type { ViewerRole } from './privacy.ts';

interface Lease {
  untilMs: number;
  everyMs: number;
  nextMs: number;
  maxWidth: number;
}

/** Who gets the next picture, and how wide. */
export interface DuePreview {
  readonly maxWidth: number;
  readonly viewers: readonly ViewerRole[];
}

/** Who watches which camera, and until when. Times are monotonic. */
export class PreviewLeases {
  readonly #cameras = new Map<string, Map<ViewerRole, Lease>>();

  lease({ camera, seconds, maxFps, maxWidth, role }: CallRequestOf<'preview'>, nowMs: number): void {
    const leases = this.#cameras.get(camera) ?? new Map<ViewerRole, Lease>();
    this.#cameras.set(camera, leases);
    const everyMs = 1000 / maxFps;
    const nextMs = Math.min(leases.get(role)?.nextMs ?? nowMs, nowMs + everyMs);
    leases.set(role, { untilMs: nowMs + seconds * 1000, everyMs, nextMs, maxWidth });
  }

  /** When somebody watches and the next picture is due; asking counts as sending. */
  take(camera: string, nowMs: number): DuePreview | undefined {
    const leases = this.#cameras.get(camera);
    if (leases === undefined) return undefined;
    for (const [viewer, { untilMs }] of leases) if (nowMs >= untilMs) leases.delete(viewer);
    if (leases.size === 0) this.#cameras.delete(camera);
    if (![...leases.values()].some(({ nextMs }) => nowMs >= nextMs)) return undefined;
    // Whose turn is nearly there gets the same picture: one message for all of them.
    const due = [...leases].filter(([, { nextMs, everyMs }]) => nowMs >= nextMs - everyMs / 2);
    // In step with the pace, but no burst after a pause of the camera.
    for (const [, lease] of due) lease.nextMs = Math.max(lease.nextMs + lease.everyMs, nowMs);
    return {
      maxWidth: Math.max(...due.map(([, { maxWidth }]) => maxWidth)),
      viewers: due.map(([viewer]) => viewer),
    };
  }
}
