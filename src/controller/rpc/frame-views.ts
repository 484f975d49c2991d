import type { Clock } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { FrameRequests } from './frame-requests.ts';

export interface FrameViewsPorts {
  readonly frames: Pick<FrameRequests, 'fetch'>;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly clock: Clock;
}

/** Pictures of one device that are looked at within this time are told together. */
const sameViewMs = 600_000;
const mostViews = 10_000;
/** So many frames are named. */
const namedFrames = 50;

interface View {
  readonly caller: Caller;
  readonly device: string;
  /** Monotonic. */
  readonly beganMs: number;
  readonly frames: Set<string>;
  pictures: number;
}

/** Who looked at which hard frames: written before the first picture, and afterwards with all that were sent. */
export class FrameViews {
  readonly #ports: FrameViewsPorts;
  /** By token and device. */
  readonly #views = new Map<string, View>();

  constructor(ports: FrameViewsPorts) {
    this.#ports = ports;
  }

  /** The whole JPEG. Rejects where it can't be written who looks: nobody does so unseen. */
  async fetch(caller: Caller, device: string, frame: string): Promise<Uint8Array> {
    const { frames, registry } = this.#ports;
    registry.expect(device);
    const begun = await this.#viewing(caller, device, frame);
    const jpeg = await frames.fetch(device, frame);
    // Its end may have been written while the device answered.
    const view = this.#views.get(keyOf(caller, device)) ?? begun;
    this.#views.set(keyOf(caller, device), view);
    view.pictures += 1;
    if (view.frames.size < namedFrames) view.frames.add(frame);
    return jpeg;
  }

  /** Called every minute, and with `all` at the end. */
  async writeSeen({ all = false } = {}): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [key, view] of this.#views) {
      if (!all && nowMs - view.beganMs < sameViewMs) continue;
      if (await this.#write(view)) this.#views.delete(key);
    }
  }

  async #viewing(caller: Caller, device: string, frame: string): Promise<View> {
    const { audit, clock } = this.#ports;
    const known = this.#views.get(keyOf(caller, device));
    if (known !== undefined) return known;
    await audit.note(caller, 'frames.view', device, { role: caller.role, frame });
    const other = this.#views.get(keyOf(caller, device));
    if (other !== undefined) return other;
    if (this.#views.size >= mostViews) {
      for (const view of this.#views.values()) void this.#write(view);
      this.#views.clear();
    }
    const view = { caller, device, beganMs: clock.monotonicMs(), frames: new Set<string>(), pictures: 0 };
    this.#views.set(keyOf(caller, device), view);
    return view;
  }

  /** False where it could not be written: it is tried again. */
  async #write(view: View): Promise<boolean> {
    const { caller, device, pictures } = view;
    if (pictures === 0) return true;
    const frames = [...view.frames];
    view.pictures = 0;
    try {
      await this.#ports.audit.note(caller, 'frames.viewed', device, { pictures, frames });
      for (const frame of frames) view.frames.delete(frame);
      return view.pictures === 0;
    } catch {
      view.pictures += pictures;
      return false;
    }
  }
}

function keyOf({ tokenId }: Caller, device: string): string {
  return `${tokenId}/${device}`;
}
