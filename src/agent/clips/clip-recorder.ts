import { asGoshawkError, type Clock, type GoshawkError, InputError, type Log } from '../../base/index.ts';
import type { DetectionSink, PacketReceiver, PerceptionResult } from '../../perception/index.ts';
import {
  type CallRequestOf,
  type CallResultOf,
  type Clip,
  ClipSettings,
  clipChunkBytes,
} from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { KeptRing } from '../kept/kept-ring.ts';
import { foundLabels, type PrivacyRule } from '../privacy.ts';
import { CameraClips, type ClipCut } from './camera-clips.ts';
import { triggers } from './clip-window.ts';
import type { PacketSpool } from './packet-spool.ts';
import type { ClipJob, ClipStore, WriteClip } from './ports.ts';
import { noClips, notHidden, nothingThere, tooLarge, tooMany, wornOut } from './problems.ts';
import { WrittenBytes } from './written-bytes.ts';

export interface ClipRecorderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ClipStore;
  readonly write: WriteClip;
  /** For cameras whose ring is on the disk. */
  readonly spool?: PacketSpool | undefined;
  readonly privacy: PrivacyRule;
  readonly reportEvent: (event: AgentEvent) => void;
}

export interface ClipReading {
  readonly camera: string;
  readonly count: number;
  readonly bytes: number;
  /** In memory. */
  readonly ringBytes: number;
  readonly writtenBytes: number;
  /** By a ring on the disk. */
  readonly ringWrittenBytes: number;
  readonly failed: number;
}

/** Cuts that wait for the disk or the encoder hold their pictures in memory. */
const mostWaiting = 4;
/** What is written when the agent ends is given so long. */
const closeMs = 10_000;
const tellEveryMs = 600_000;
const sweepMs = 3_600_000;
/** Of clips whose camera was removed, or keeps none any more. */
const usualDays: number = ClipSettings.properties.days.default;
/** Of one page: what `response` may hold, with room for its frame. */
const pageLength = 100;

/**
 * Keeps the streams of cameras in memory, and writes what was before and after an event to the disk.
 *
 * What could go wrong, and what happens
 * - the camera is gone, or freezes: the clip has what there was, and says how many gaps it has
 * - nothing of the time is in memory: no clip, told as `clip.failed`
 * - persons can't be hidden (no model that knows them looked): no clip, told as `clip.failed`
 * - the disk is full, ffmpeg fails: nothing is left of the clip, told as `clip.failed`
 * - clips are asked for faster than they are written: those that are too many are not made, told as `clip.failed`
 * - the agent is killed while it writes: the draft goes at the next start
 */
export class ClipRecorder implements DetectionSink {
  readonly nodes = 'main';
  readonly #ports: ClipRecorderPorts;
  readonly #cameras: ReadonlyMap<string, CameraClips>;
  readonly #settings: ReadonlyMap<string, ClipSettings>;
  readonly #written = new Map<string, WrittenBytes>();
  readonly #failed = new Map<string, number>();
  /** By camera and code, monotonic. */
  readonly #toldMs = new Map<string, number>();
  #ring: KeptRing<Clip> | undefined;
  #working: Promise<void> = Promise.resolve();
  #waiting = 0;
  readonly #stop = new AbortController();
  #stopSweeping = () => {};

  constructor(cameras: Readonly<Record<string, ClipSettings>>, ports: ClipRecorderPorts) {
    this.#ports = ports;
    this.#settings = new Map(Object.entries(cameras));
    this.#cameras = new Map(
      Object.entries(cameras).map(([camera, settings]) => [
        camera,
        new CameraClips(camera, settings, {
          clock: ports.clock,
          onCut: (cut) => this.#cut(cut),
          spool: settings.ring === 'disk' ? ports.spool : undefined,
          onLost: (error) => this.#lost(camera, error),
        }),
      ]),
    );
  }

  /** Reads what is on the disk. Where it can't be read no clip is made, and it is said so. */
  async open(): Promise<void> {
    const { clock, store, spool } = this.#ports;
    try {
      await spool?.open();
      const clips = await store.open();
      this.#ring = new KeptRing(clips);
      for (const [camera, { bytesPerDay }] of this.#settings) {
        const used = this.#ring.since(camera, clock.wallMs() - 86_400_000);
        this.#written.set(camera, new WrittenBytes(used, bytesPerDay, clock.monotonicMs()));
      }
      this.#stopSweeping = clock.every(sweepMs, () => this.#sweep());
    } catch (error) {
      this.#ports.reportEvent({
        ...{ kind: 'clip.failed', severity: 'error' },
        message: `No clips are kept: ${asGoshawkError(error, 'clip-store').explain()}`,
      });
    }
  }

  /** Of a camera whose settings ask for clips. */
  packets(camera: string): PacketReceiver | undefined {
    return this.#cameras.get(camera)?.packets;
  }

  /** What has to be hidden on the pictures, and what happens in zones and at lines. */
  publish(result: PerceptionResult): void {
    const clips = this.#cameras.get(result.camera);
    if (clips === undefined) return;
    const { privacy } = this.#ports;
    const { width, height, stampNs } = result;
    const mode = privacy.clips(result.camera, foundLabels(result.identity));
    const boxes = mode === 'blurred' ? privacy.hidden(result).boxes : [];
    clips.seen({
      ...{ stampNs, mode },
      boxes: boxes.map(({ x1, y1, x2, y2 }) => ({
        ...{ x1: x1 / width, y1: y1 / height, x2: x2 / width, y2: y2 / height },
      })),
    });
    for (const event of result.rules?.events ?? []) {
      const [of, name] = 'zone' in event ? ['zone', event.zone] : ['line', event.line];
      this.#happened(result.camera, `${of}.${event.kind}`, name);
    }
  }

  /** Any other event of the device; one that names no camera is one of all cameras. */
  event({ kind, camera }: Pick<AgentEvent, 'kind' | 'camera'>): void {
    // Events of rules come with the results, all of them; their own are fewer.
    if (kind.startsWith('zone.') || kind.startsWith('line.') || kind.startsWith('clip.')) return;
    for (const name of camera === undefined ? this.#cameras.keys() : [camera]) this.#happened(name, kind);
  }

  /** Somebody asks for a clip of now. */
  record({ camera, before, after }: CallRequestOf<'record-clip'>): CallResultOf<'record-clip'> {
    const clips = this.#cameras.get(camera);
    const settings = this.#settings.get(camera);
    if (clips === undefined || settings === undefined || this.#ring === undefined) throw noClips(camera);
    const { id, fromNs, untilNs } = this.#begin(
      clips,
      'call',
      Math.min(before ?? settings.before, settings.seconds / 2),
      Math.min(after ?? settings.after, settings.seconds / 2),
      this.#ring,
    );
    return { id, fromMs: Number(fromNs / 1_000_000n), untilMs: Number(untilNs / 1_000_000n) };
  }

  list({ camera, after, limit }: CallRequestOf<'clips'>): CallResultOf<'clips'> {
    const ring = this.#ring;
    if (ring === undefined) return { clips: [], more: false, total: { count: 0, bytes: 0 } };
    const { entries, more } = ring.page(camera, after, Math.min(limit, pageLength));
    return { clips: [...entries], more, total: ring.total };
  }

  async piece({ id, offset }: CallRequestOf<'clip'>): Promise<CallResultOf<'clip'>> {
    if (this.#ring?.has(id) !== true)
      throw new InputError(
        'clip-unknown',
        `This device has no clip ${id}.`,
        'It may still be written, or have made room for newer ones. List the clips again.',
      );
    return this.#ports.store.piece(id, offset, clipChunkBytes);
  }

  readings(): readonly ClipReading[] {
    return [...this.#cameras].map(([camera, clips]) => ({
      camera,
      ...(this.#ring?.of(camera) ?? { count: 0, bytes: 0 }),
      ringBytes: clips.ringBytes,
      writtenBytes: this.#written.get(camera)?.total ?? 0,
      ringWrittenBytes: clips.ringWrittenBytes,
      failed: this.#failed.get(camera) ?? 0,
    }));
  }

  /** What is under way is written, as far as it goes. */
  async close(): Promise<void> {
    this.#stopSweeping();
    for (const clips of this.#cameras.values()) clips.close();
    const cancel = this.#ports.clock.after(closeMs, () => this.#stop.abort());
    await this.#working;
    cancel();
    await this.#ports.spool?.close();
  }

  #happened(camera: string, kind: string, name?: string): void {
    const clips = this.#cameras.get(camera);
    const settings = this.#settings.get(camera);
    if (clips === undefined || settings === undefined || this.#ring === undefined) return;
    if (triggers(settings.on, kind, name))
      this.#begin(clips, kind, settings.before, settings.after, this.#ring);
  }

  #begin(clips: CameraClips, reason: string, before: number, after: number, ring: KeptRing<Clip>) {
    return clips.begin(reason, before, after, () => ring.newId(this.#ports.clock.wallMs()));
  }

  #cut(cut: ClipCut): void {
    if (this.#waiting >= mostWaiting) {
      this.#fail(cut.window, tooMany());
      return;
    }
    this.#waiting += 1;
    this.#working = this.#working
      .then(() => this.#write(cut))
      .catch((error: unknown) => this.#fail(cut.window, asGoshawkError(error, 'clip-failed')))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #write({ window, parts, ready }: ClipCut): Promise<void> {
    const { store, write, privacy, reportEvent, clock } = this.#ports;
    const ring = this.#ring;
    const settings = this.#settings.get(window.camera);
    const written = this.#written.get(window.camera);
    if (ring === undefined || settings === undefined || written === undefined) return;
    const { id, camera, reasons } = window;
    const [first] = parts;
    if (first === undefined) throw nothingThere(camera);
    await ready;
    const shown = parts.flatMap(({ moments }) => moments.map(({ mode }) => mode));
    // Nobody looked: what the rule says without a model.
    const modes = shown.length === 0 ? [privacy.clips(camera, [])] : shown;
    if (modes.includes('boxes')) throw notHidden(camera);
    const blurred = modes.includes('blurred');
    const masks = privacy.masks(camera);
    const job: ClipJob = {
      parts,
      ...(blurred || masks.length > 0 ? { hide: { masks, blurred } } : {}),
    };
    const expected = parts.reduce(
      (sum, part) => sum + part.packets.reduce((all, { bytes }) => all + bytes.length, 0),
      0,
    );
    if (!written.hasRoom(expected, clock.monotonicMs())) throw wornOut(camera);
    try {
      const made = await write(store.draft(id), job, this.#stop.signal);
      written.add(made.bytes, clock.monotonicMs());
      const timeMs = Math.max(0, Number(first.startNs / 1_000_000n));
      const clip: Clip = {
        ...{ id, camera, timeMs, reasons: [...reasons], ...made, blurred, gaps: parts.length - 1 },
      };
      const room = ring.makeRoom(camera, made.bytes, settings);
      if (room === undefined) throw tooLarge(camera, made.bytes);
      for (const old of room) await this.#drop(old);
      await store.keep(clip);
      ring.add(clip);
      reportEvent({
        kind: 'clip.recorded',
        severity: 'info',
        camera,
        message: `Clip ${id}: ${(made.durationMs / 1000).toFixed(1)} s for ${reasons.join(', ')}.`,
        data: { clip: id, bytes: made.bytes, reasons: [...reasons] },
      });
    } catch (error) {
      await store.discard(id).catch(() => {});
      throw error;
    }
  }

  #sweep(): void {
    const { clock } = this.#ports;
    const days = (camera: string) => this.#settings.get(camera)?.days ?? usualDays;
    const old = this.#ring?.outlived(clock.wallMs(), clock.monotonicMs(), days) ?? [];
    this.#working = this.#working.then(async () => {
      for (const id of old) await this.#drop(id).catch(() => {});
    });
  }

  async #drop(id: string): Promise<void> {
    await this.#ports.store.remove(id);
    this.#ring?.remove(id);
  }

  /** A part of the ring on the disk. */
  #lost(camera: string, error: GoshawkError): void {
    if (!this.#isNews(camera, error)) return;
    this.#ports.reportEvent({
      ...{ kind: 'clip.failed', severity: 'warning', camera },
      message: `The ring of the camera has a gap: ${error.explain()}`,
      data: { code: error.code },
    });
  }

  #isNews(camera: string, { code }: GoshawkError): boolean {
    const key = `${camera} ${code}`;
    const nowMs = this.#ports.clock.monotonicMs();
    if (nowMs - (this.#toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) return false;
    this.#toldMs.set(key, nowMs);
    return true;
  }

  /** Reported for each request, otherwise once in ten minutes: a rule may begin clips all the time. */
  #fail({ camera, id, reasons }: ClipCut['window'], error: GoshawkError): void {
    this.#failed.set(camera, (this.#failed.get(camera) ?? 0) + 1);
    if (!this.#isNews(camera, error) && !reasons.includes('call')) return;
    this.#ports.reportEvent({
      ...{ kind: 'clip.failed', severity: 'warning', camera },
      message: `No clip ${id}: ${error.explain()}`,
      data: { code: error.code, clip: id },
    });
  }
}
