import type { Clock } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { PeriodicTask } from '../module.ts';
import { expectOnline } from './expect-online.ts';
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
  /** Entries that are being written, by token and device: pictures that are asked for at once wait for one. */
  readonly #beginning = new Map<string, Promise<View>>();

  constructor(ports: FrameViewsPorts) {
    this.#ports = ports;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 60_000, run: () => void this.writeSeen() }];
  }

  close(): Promise<void> {
    return this.writeSeen({ all: true });
  }

  /** The whole JPEG. Rejects where it can't be written who looks: nobody does so unseen. */
  async fetch(caller: Caller, device: string, frame: string): Promise<Uint8Array> {
    const { frames, registry } = this.#ports;
    expectOnline(registry, device);
    const begun = await this.#viewing(caller, device, frame);
    const jpeg = await frames.fetch(device, frame);
    // Its end may have been written while the device answered.
    const view = this.#kept(begun);
    view.pictures += 1;
    if (view.frames.size < namedFrames) view.frames.add(frame);
    return jpeg;
  }

  /** Called every minute, and with `all` at the end. */
  async writeSeen({ all = false } = {}): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [key, view] of this.#views) {
      if (!all && nowMs - view.beganMs < sameViewMs) continue;
      await this.#write(view);
      if (view.pictures === 0 && this.#views.get(key) === view) this.#views.delete(key);
    }
  }

  #viewing(caller: Caller, device: string, frame: string): View | Promise<View> {
    const key = keyOf(caller, device);
    const known = this.#views.get(key) ?? this.#beginning.get(key);
    if (known !== undefined) return known;
    const beginning = this.#begin(caller, device, frame).finally(() => this.#beginning.delete(key));
    this.#beginning.set(key, beginning);
    return beginning;
  }

  async #begin(caller: Caller, device: string, frame: string): Promise<View> {
    const { audit, clock } = this.#ports;
    await audit.note(caller, 'frames.view', device, { role: caller.role, frame });
    if (this.#views.size >= mostViews) {
      const all = [...this.#views.values()];
      this.#views.clear();
      for (const view of all) void this.#write(view);
    }
    const view = { caller, device, beganMs: clock.monotonicMs(), frames: new Set<string>(), pictures: 0 };
    return this.#kept(view);
  }

  /** The one that is remembered: this one, where there is none. */
  #kept(view: View): View {
    const key = keyOf(view.caller, view.device);
    const kept = this.#views.get(key) ?? view;
    this.#views.set(key, kept);
    return kept;
  }

  /** What can't be written now is written later. */
  async #write(view: View): Promise<void> {
    const { caller, device, pictures } = view;
    if (pictures === 0) return;
    const frames = [...view.frames];
    view.pictures = 0;
    try {
      await this.#ports.audit.note(caller, 'frames.viewed', device, { pictures, frames });
      for (const frame of frames) view.frames.delete(frame);
    } catch {
      // Another run may have taken it for written, or it was one too many: its sum goes to the one that is written next.
      const kept = this.#kept(view);
      kept.pictures += pictures;
      for (const frame of frames) if (kept.frames.size < namedFrames) kept.frames.add(frame);
    }
  }
}

function keyOf({ tokenId }: Caller, device: string): string {
  return `${tokenId}/${device}`;
}
