import { addressOf, request } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { ServerSentEvent } from '../api/server-sent-events.ts';
import type { DeviceList, DeviceSummary, FleetEvent, FleetSummary, StreamEvents } from '../api/types.ts';
import { Value } from '../observable/value.ts';
import { type ConnectionState, keepStream } from './connection.ts';
import { History } from './history.ts';

/*
 * The fleet as this page knows it: loaded once, then kept up to date by the stream.
 *
 * INVARIANTS
 *  - Views see a new list at most once per `redrawMs`, however many messages came.
 *  - The summary object of a device that did not change stays the same object, so its row is not drawn again.
 *  - After a broken connection everything is loaded again: what was missed is not guessed.
 *  - An update that comes while the list is loaded is newer than the list, or an update that is newer still follows it.
 */
export type FleetState =
  /** With the devices that have arrived; `total` is undefined before the first of them. */
  | {
      readonly phase: 'loading';
      readonly devices: readonly DeviceSummary[];
      readonly total: number | undefined;
    }
  | { readonly phase: 'failed'; readonly failure: Failure }
  | { readonly phase: 'ready'; readonly devices: readonly DeviceSummary[] };

/** The first rows are there soon, and the rest takes few requests. */
const firstPage = 100;
const pageSize = 1000;
const recentEvents = 100;

export class Fleet {
  readonly state = new Value<FleetState>({ phase: 'loading', devices: [], total: undefined });
  readonly summary = new Value<FleetSummary | undefined>(undefined);
  /** Grows when drift or alerts changed, at most once a second. */
  readonly driftRevision = new Value(0);
  readonly connection = new Value<ConnectionState>({ state: 'connecting' });
  /** When the stream last said something: what `as of` means while the connection is lost. */
  readonly heardMs = new Value<number | undefined>(undefined);
  /** Newest first; what came over the stream since the page was opened. */
  readonly events = new Value<readonly FleetEvent[]>([]);
  readonly fpsHistory = new History(45, 2000);
  readonly totalFps = new History(60, 2000);

  readonly #devices = new Map<string, DeviceSummary>();
  #loading: AbortController | undefined;
  /** Updates since the load began; undefined for a device that was deleted. */
  #heard: Map<string, DeviceSummary | undefined> | undefined;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #driftFlush: ReturnType<typeof setTimeout> | undefined;
  #stream: { close: () => void; retry: () => void } | undefined;

  start(): void {
    this.#stream = keepStream({
      address: addressOf('GET /stream'),
      // The controller sends a summary every two seconds.
      silenceMs: 12_000,
      onState: (next) => this.#onState(next),
      onEvent: (event) => this.#onEvent(event),
    });
  }

  close(): void {
    this.#stream?.close();
    this.#loading?.abort();
    clearTimeout(this.#flush);
    clearTimeout(this.#driftFlush);
  }

  retry(): void {
    this.#stream?.retry();
  }

  device(id: string): DeviceSummary | undefined {
    return this.#devices.get(id);
  }

  /** Takes over a summary that came with another answer. */
  learn(summary: DeviceSummary): void {
    this.#put(summary.id, summary);
    this.#changed();
  }

  /** Loads the list and the summary from the beginning. */
  async load(): Promise<void> {
    this.#loading?.abort();
    const stop = new AbortController();
    this.#loading = stop;
    try {
      const heard = new Map<string, DeviceSummary | undefined>();
      this.#heard = heard;
      const found = new Map<string, DeviceSummary>();
      let after: string | undefined;
      do {
        const query = { limit: after === undefined ? firstPage : pageSize, after };
        const page: DeviceList = await request('GET /devices', { query }).send(stop.signal);
        for (const device of page.devices) found.set(device.id, device);
        after = page.next;
        if (after !== undefined && this.state.get().phase !== 'ready') {
          this.state.set({ phase: 'loading', devices: [...found.values()], total: page.total });
        }
      } while (after !== undefined);
      this.#devices.clear();
      for (const [id, device] of found) this.#devices.set(id, device);
      for (const [id, device] of heard) this.#put(id, device);
      this.#heard = undefined;
      this.#publish();
    } catch (error) {
      if (!stop.signal.aborted && this.state.get().phase !== 'ready') {
        this.state.set({ phase: 'failed', failure: asFailure(error) });
      }
    }
  }

  #onState(next: ConnectionState): void {
    const before = this.connection.get().state;
    if (next.state === before && next.state === 'live') return;
    this.connection.set(next);
    if (next.state === 'live') this.load();
  }

  #onEvent({ event, data }: ServerSentEvent): void {
    const now = Date.now();
    this.heardMs.set(now);
    const body: unknown = JSON.parse(data);
    if (event === 'device') {
      const device = body as StreamEvents['device'];
      this.#put(device.id, device);
      this.fpsHistory.add(device.id, now, device.online ? (device.fps ?? null) : null);
      this.#changed();
    } else if (event === 'device-deleted') {
      this.#put((body as StreamEvents['device-deleted']).id, undefined);
      this.#changed();
    } else if (event === 'event') {
      this.events.set([body as FleetEvent, ...this.events.get()].slice(0, recentEvents));
    } else if (event === 'drift' || event === 'alert') {
      this.#driftFlush ??= setTimeout(() => {
        this.#driftFlush = undefined;
        this.driftRevision.set(this.driftRevision.get() + 1);
      }, 1000);
    } else if (event === 'fleet') {
      const summary = body as FleetSummary;
      this.totalFps.add('fleet', now, summary.fps);
      this.summary.set(summary);
    }
  }

  #put(id: string, device: DeviceSummary | undefined): void {
    this.#heard?.set(id, device);
    if (device === undefined) this.#devices.delete(id);
    else this.#devices.set(id, device);
  }

  #changed(): void {
    // While the first list is on its way there is nothing to draw.
    if (this.state.get().phase !== 'ready' || this.#flush !== undefined) return;
    this.#flush = setTimeout(() => this.#publish(), this.#devices.size > 1000 ? 1500 : 500);
  }

  #publish(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    this.state.set({ phase: 'ready', devices: [...this.#devices.values()] });
  }
}
