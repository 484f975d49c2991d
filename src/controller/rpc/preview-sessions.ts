import { asGoshawkError, type Cancel, type Clock, type GoshawkError } from '../../base/index.ts';
import type { Preview } from '../../protocol/index.ts';
import type { RpcClient } from './rpc-client.ts';

export interface PreviewRequest {
  readonly maxFps: number;
  readonly maxWidth: number;
}

export interface PreviewWatcher {
  frame(preview: Preview): void;
  /** The device refused or did not answer; the lease is asked for again. */
  fault(error: GoshawkError): void;
}

interface Watched {
  readonly watchers: Map<PreviewWatcher, PreviewRequest>;
  cancel: Cancel;
}

const leaseSeconds = 15;
const renewMs = 10_000;

/**
 * Live pictures cost a device bandwidth and power, so it sends them on a lease: renewed while somebody watches, cut to
 * a second when the last one leaves, and run out by itself when the controller dies.
 */
export class PreviewSessions {
  readonly #calls: RpcClient;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();

  constructor(calls: RpcClient, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
  }

  /** Watches until cancelled. */
  watch(device: string, camera: string, wish: PreviewRequest, watcher: PreviewWatcher): Cancel {
    const key = `${device}/${camera}`;
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      watched = { watchers: new Map(), cancel: () => undefined };
      this.#watched.set(key, watched);
      watched.cancel = this.#clock.every(renewMs, () => this.#renew(device, camera));
    }
    watched.watchers.set(watcher, wish);
    this.#renew(device, camera);
    return () => {
      if (!watched.watchers.delete(watcher) || watched.watchers.size > 0) return;
      watched.cancel();
      this.#watched.delete(key);
      void this.#calls.notify(device, 'preview', { camera, seconds: 1, ...wish }, 5_000);
    };
  }

  relay(device: string, camera: string, preview: Preview): void {
    const watched = this.#watched.get(`${device}/${camera}`);
    if (watched === undefined) return;
    for (const watcher of [...watched.watchers.keys()]) watcher.frame(preview);
  }

  /** Cameras watched now, for tests and metrics. */
  get count(): number {
    return this.#watched.size;
  }

  close(): void {
    for (const watched of this.#watched.values()) watched.cancel();
    this.#watched.clear();
  }

  #renew(device: string, camera: string): void {
    const watched = this.#watched.get(`${device}/${camera}`);
    if (watched === undefined) return;
    const wishes = [...watched.watchers.values()];
    const request = {
      camera,
      seconds: leaseSeconds,
      // One stream serves all watchers: the keenest wish counts.
      maxFps: Math.max(...wishes.map((wish) => wish.maxFps)),
      maxWidth: Math.max(...wishes.map((wish) => wish.maxWidth)),
    };
    this.#calls.call(device, 'preview', request, renewMs).catch((cause: unknown) => {
      const error = asGoshawkError(cause, 'preview-failed', 'Look at the device and its camera.');
      for (const watcher of [...watched.watchers.keys()]) watcher.fault(error);
    });
  }
}
