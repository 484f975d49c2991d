import type { CallRequestOf } from '../protocol/index.ts';

/** Who watches which camera, and until when. Times are monotonic. */
export class PreviewLeases {
  readonly #leases = new Map<
    string,
    { untilMs: number; everyMs: number; nextMs: number; maxWidth: number }
  >();

  lease({ camera, seconds, maxFps, maxWidth }: CallRequestOf<'preview'>, nowMs: number): void {
    const nextMs = Math.min(this.#leases.get(camera)?.nextMs ?? nowMs, nowMs + 1000 / maxFps);
    this.#leases.set(camera, { untilMs: nowMs + seconds * 1000, everyMs: 1000 / maxFps, nextMs, maxWidth });
  }

  /** The width to send, when somebody watches and the next picture is due; asking counts as sending. */
  take(camera: string, nowMs: number): { readonly maxWidth: number } | undefined {
    const lease = this.#leases.get(camera);
    if (lease === undefined) return undefined;
    if (nowMs >= lease.untilMs) {
      this.#leases.delete(camera);
      return undefined;
    }
    if (nowMs < lease.nextMs) return undefined;
    // In step with the pace, but no burst after a pause of the camera.
    lease.nextMs = Math.max(lease.nextMs + lease.everyMs, nowMs);
    return { maxWidth: lease.maxWidth };
  }
}
