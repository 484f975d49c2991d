import type { Clock, GoshawkError } from '../../base/index.ts';
import type { PacketReceiver } from '../../perception/index.ts';
import type { ClipSettings } from '../../protocol/index.ts';
import { type ClipWindow, extended } from './clip-window.ts';
import { GroupSpool } from './group-spool.ts';
import { HiddenTrack } from './hidden-track.ts';
import { PacketRing } from './packet-ring.ts';
import type { PacketSpool } from './packet-spool.ts';
import type { ClipPart } from './ports.ts';
import { Stretch } from './stretch.ts';

/** What is to be written. */
export interface ClipCut {
  readonly window: ClipWindow & { readonly camera: string };
  /** Empty: the camera gave nothing in that time. */
  readonly parts: readonly ClipPart[];
  /** The bytes of all packets are here. Rejects with a GoshawkError where they can't be read. */
  readonly ready: Promise<void>;
}

export interface CameraClipsPorts {
  readonly clock: Clock;
  readonly onCut: (cut: ClipCut) => void;
  /** Absent: the ring is in memory. */
  readonly spool?: PacketSpool | undefined;
  /** A part of the ring was lost. */
  readonly onLost: (error: GoshawkError) => void;
}

/** How long to wait for the last frames of a camera and a model: a busy machine is late. */
const graceMs = 6_000;
/** The ring holds so much more than the longest clip: for the wait, and for the keyframe before the clip. */
const spareSeconds = 20;

/** The ring of one camera, and the clips of it that are under way. */
export class CameraClips {
  readonly #camera: string;
  readonly #settings: ClipSettings;
  readonly #ports: CameraClipsPorts;
  readonly #ring: PacketRing;
  readonly #spooling: GroupSpool | undefined;
  readonly #hidden: HiddenTrack;
  readonly #pending = new Map<string, { window: ClipWindow; cancel: () => void }>();

  constructor(camera: string, settings: ClipSettings, ports: CameraClipsPorts) {
    this.#camera = camera;
    this.#settings = settings;
    this.#ports = ports;
    const seconds = settings.seconds + spareSeconds;
    const { spool, onLost } = ports;
    const spooling = spool && new GroupSpool(camera, spool, onLost);
    this.#ring = new PacketRing({ seconds, bytes: settings.ringBytes }, spooling);
    this.#spooling = spooling;
    this.#hidden = new HiddenTrack(seconds);
  }

  get ringBytes(): number {
    return this.#ring.bytes;
  }

  /** Of the ring, written to the disk since the start. */
  get ringWrittenBytes(): number {
    return this.#spooling?.writtenBytes ?? 0;
  }

  readonly packets: PacketReceiver = () => {
    let before: Stretch | undefined;
    let now = new Stretch();
    return {
      packet: (packet) => {
        if (now.leaps(packet.timeNs)) [before, now] = [now, new Stretch()];
        now.note(packet.timeNs);
        this.#ring.push(packet, now);
        this.#cutDue();
      },
      frame: (timeNs, stampNs) => {
        // Frames come after their packets: after a leap some are still of the time before it.
        const stretch = before?.holds(timeNs) === true && !now.holds(timeNs) ? before : now;
        if (stretch === undefined) return;
        stretch.synchronize(timeNs, stampNs);
        this.#hidden.decoded(stampNs, { stretch, timeNs });
      },
    };
  };

  seen(moment: Parameters<HiddenTrack['add']>[0]): void {
    this.#hidden.add(moment);
    this.#cutDue();
  }

  /** A clip around now; one that is under way goes on where it can. */
  begin(reason: string, before: number, after: number, newId: () => string): ClipWindow {
    const nowNs = this.#ports.clock.wallNs();
    const more = {
      reasons: [reason],
      fromNs: nowNs - BigInt(Math.round(before * 1e9)),
      untilNs: nowNs + BigInt(Math.round(after * 1e9)),
    };
    for (const { window } of this.#pending.values()) {
      const longer = extended(window, more, this.#settings.seconds);
      if (longer !== undefined) return this.#await(longer);
    }
    return this.#await({ id: newId(), ...more });
  }

  /** Clips that are under way end now. */
  close(): void {
    for (const { window } of [...this.#pending.values()]) this.#cut(window);
  }

  #await(window: ClipWindow): ClipWindow {
    const { clock } = this.#ports;
    this.#pending.get(window.id)?.cancel();
    const waitMs = Math.max(0, Number((window.untilNs - clock.wallNs()) / 1_000_000n)) + graceMs;
    const cancel = clock.after(waitMs, () => this.#cut(window));
    this.#pending.set(window.id, { window, cancel });
    return window;
  }

  /** Those whose last picture is here, and was looked at. */
  #cutDue(): void {
    for (const { window } of [...this.#pending.values()]) {
      const [streamNs, seenNs] = [this.#ring.lastNs, this.#hidden.lastNs];
      const isDue = streamNs !== undefined && streamNs > window.untilNs;
      if (isDue && seenNs !== undefined && seenNs > window.untilNs) this.#cut(window);
    }
  }

  #cut(window: ClipWindow): void {
    this.#pending.get(window.id)?.cancel();
    this.#pending.delete(window.id);
    const cut = this.#ring.cut(window.fromNs, window.untilNs);
    const parts = cut.parts.map(({ stretch, ...part }) => ({
      ...part,
      moments: this.#hidden.during(stretch, part.firstNs, part.lastNs),
    }));
    this.#ports.onCut({ window: { ...window, camera: this.#camera }, parts, ready: cut.ready });
  }
}
