import type { FrameReview, FrameReviews, FrameVerdict } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { StoredFleet } from '../store/store.ts';

export interface FrameReviewPorts {
  readonly commands: CommandExecutor;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  readonly clock: Pick<Clock, 'wallMs'>;
}

/** More than a ring of frames holds as it comes; the oldest go, as their frames did. */
export const mostReviews = 2_000;

/** What people think of hard frames. The frames lie on their devices, the verdicts here: a device needs none of them. */
export class FrameReviewService {
  readonly #ports: FrameReviewPorts;
  readonly #byDevice = new Map<string, Readonly<Record<string, FrameReview>>>();

  constructor(ports: FrameReviewPorts) {
    this.#ports = ports;
  }

  load({ frameReviews }: Pick<StoredFleet, 'frameReviews'>): void {
    for (const { device, reviews } of frameReviews) this.#byDevice.set(device, reviews);
  }

  list(device: string): FrameReviews {
    const { id } = this.#ports.registry.expect(device);
    return { device: id, reviews: { ...this.#byDevice.get(id) } };
  }

  /** Whether an export that asks for `wanted` takes the frame. */
  fits(device: string, frame: string, wanted: 'accepted' | 'not-rejected' | undefined): boolean {
    if (wanted === undefined) return true;
    const verdict = this.#byDevice.get(device)?.[frame]?.verdict;
    return wanted === 'accepted' ? verdict === 'accepted' : verdict !== 'rejected';
  }

  /** Without a verdict the one that was given is taken back. */
  review(
    caller: Caller,
    device: string,
    frame: string,
    verdict: FrameVerdict | undefined,
  ): Promise<FrameReviews> {
    const { commands, registry, clock } = this.#ports;
    const { id } = registry.expect(device);
    return commands.execute(caller, 'frame.reviewed', id, { frame, verdict: verdict ?? 'none' }, () => {
      const { [frame]: _, ...others } = this.#byDevice.get(id) ?? {};
      const review =
        verdict === undefined ? {} : { [frame]: { verdict, by: actorOf(caller), timeMs: clock.wallMs() } };
      const reviews = Object.fromEntries(Object.entries({ ...others, ...review }).slice(-mostReviews));
      const row = { device: id, reviews };
      return {
        changes: [{ kind: 'frame-reviews', reviews: row }],
        apply: () => {
          this.#byDevice.set(id, reviews);
          return row;
        },
      };
    });
  }

  forgetDevice(device: string): void {
    this.#byDevice.delete(device);
  }
}
