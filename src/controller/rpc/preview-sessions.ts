import type { Role } from '../../api/index.ts';
import {
  asGoshawkError,
  type Cancel,
  type Clock,
  type GoshawkError,
  MissingError,
} from '../../base/index.ts';
import type { Preview } from '../../protocol/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { BoundedMap } from '../quotas/bounded-map.ts';
import { TokenBucket } from '../quotas/token-bucket.ts';
import type { RpcClient } from './rpc-client.ts';

export interface PreviewRequest {
  /** Of who watches: what may be seen is the device's rule. */
  readonly role: WatcherRole;
  readonly maxFps: number;
  readonly maxWidth: number;
}

export interface PreviewWatcher {
  frame(preview: Preview): void;
  /** The device refused or did not answer; the lease is asked for again. */
  fault(error: GoshawkError): void;
}

/** Roles of people; a device's token watches nothing. */
export type WatcherRole = Exclude<Role, 'device'>;

interface Watched {
  readonly watchers: Map<PreviewWatcher, PreviewRequest>;
  /** Pictures that its device may send. */
  pace: TokenBucket;
  /** What the device was asked for last, by role. */
  readonly leases: Map<WatcherRole, PreviewRequest & { readonly atMs: number }>;
  cancel: Cancel;
}

const leaseSeconds = 15;
const renewMs = 10_000;
/** A device may be so much faster than it was asked to be: pictures come in bursts over a bad network. */
const paceFactor = 2;
/** Requests to one camera at once, and then one a second. */
const callsAtOnce = 10;

/**
 * Live pictures cost a device bandwidth and power, so it sends them on a lease: renewed while somebody watches, cut to
 * a second when the last one leaves, and run out by itself when the controller dies.
 */
export class PreviewSessions {
  readonly #rpc: RpcClient;
  readonly #registry: DeviceRegistry;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  /** Who opens and closes a picture again and again must not fill the device's line with requests. */
  readonly #calls = new BoundedMap<TokenBucket>(
    10_000,
    (nowMs) => new TokenBucket(callsAtOnce, callsAtOnce * 1_000, nowMs),
    (pace, nowMs) => pace.full(nowMs),
  );

  constructor({
    rpc,
    registry,
    clock,
  }: { readonly rpc: RpcClient; readonly registry: DeviceRegistry; readonly clock: Clock }) {
    this.#rpc = rpc;
    this.#registry = registry;
    this.#clock = clock;
  }

  /** MissingError `camera-unknown` for a camera that its device does not name. */
  expectCamera(device: string, camera: string): void {
    if (this.#registry.get(device)?.birth?.cameras.includes(camera) === true) return;
    throw new MissingError(
      'camera-unknown',
      `${device} has no camera ${camera}.`,
      `List its cameras: goshawk device show ${device}.`,
    );
  }

  /** Watches until cancelled. */
  watch(device: string, camera: string, request: PreviewRequest, watcher: PreviewWatcher): Cancel {
    const key = `${device}/${camera}`;
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      const pace = this.#paceOf([request]);
      watched = { watchers: new Map(), pace, leases: new Map(), cancel: () => undefined };
      this.#watched.set(key, watched);
      watched.cancel = this.#clock.every(renewMs, () => this.#renew(device, camera));
    }
    watched.watchers.set(watcher, request);
    watched.pace = this.#paceOf([...watched.watchers.values()]);
    const { role } = request;
    if (!covers(watched.leases.get(role), request, this.#clock.monotonicMs())) this.#renew(device, camera);
    return () => {
      if (!watched.watchers.delete(watcher) || watched.watchers.size > 0) return;
      watched.cancel();
      this.#watched.delete(key);
      for (const [held, { maxFps, maxWidth }] of watched.leases) {
        // Where there were too many requests the lease runs out by itself.
        if (!this.#mayCall(key)) return;
        const end = { camera, seconds: 1, role: held, maxFps, maxWidth };
        void this.#rpc.notify(device, 'preview', end, 5_000);
      }
    };
  }

  /** True for a picture that somebody watches, of a camera that its device named, and not faster than was asked for. */
  wants(device: string, camera: string, nowMs: number): boolean {
    const watched = this.#watched.get(`${device}/${camera}`);
    if (watched === undefined) return false;
    const named = this.#registry.get(device)?.birth?.cameras.includes(camera) === true;
    return named && watched.pace.spend(1, nowMs);
  }

  relay(device: string, camera: string, preview: Preview): void {
    const watched = this.#watched.get(`${device}/${camera}`);
    if (watched === undefined) return;
    for (const [watcher, { role }] of [...watched.watchers])
      if (preview.roles.includes(role)) watcher.frame(preview);
  }

  /** Cameras watched now, for tests and metrics. */
  get count(): number {
    return this.#watched.size;
  }

  close(): void {
    for (const watched of this.#watched.values()) watched.cancel();
    this.#watched.clear();
  }

  #paceOf(requests: readonly PreviewRequest[]): TokenBucket {
    const roles = new Set(requests.map(({ role }) => role)).size;
    const perSecond = paceFactor * roles * Math.max(...requests.map((one) => one.maxFps));
    return new TokenBucket(Math.max(2, perSecond), 1000, this.#clock.monotonicMs());
  }

  #mayCall(key: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    return this.#calls.get(key, nowMs).spend(1, nowMs);
  }

  #renew(device: string, camera: string): void {
    const watched = this.#watched.get(`${device}/${camera}`);
    if (watched === undefined) return;
    for (const role of new Set([...watched.watchers.values()].map((one) => one.role)))
      if (this.#mayCall(`${device}/${camera}`)) this.#lease(device, camera, role, watched);
  }

  #lease(device: string, camera: string, role: WatcherRole, watched: Watched): void {
    const requests = [...watched.watchers.values()].filter((one) => one.role === role);
    const lease = {
      camera,
      role,
      seconds: leaseSeconds,
      // One stream serves all watchers of a role: the largest request counts.
      maxFps: Math.max(...requests.map((one) => one.maxFps)),
      maxWidth: Math.max(...requests.map((one) => one.maxWidth)),
    };
    const { maxFps, maxWidth } = lease;
    watched.leases.set(role, { role, maxFps, maxWidth, atMs: this.#clock.monotonicMs() });
    this.#rpc.call(device, 'preview', lease, renewMs).catch((cause: unknown) => {
      const error = asGoshawkError(cause, 'preview-failed', 'Check the device and its camera.');
      watched.leases.delete(role);
      for (const [watcher, asked] of [...watched.watchers]) if (asked.role === role) watcher.fault(error);
    });
  }
}

/** The device sends as much already, and for longer than until the next renewal. */
function covers(
  lease: (PreviewRequest & { readonly atMs: number }) | undefined,
  { maxFps, maxWidth }: PreviewRequest,
  nowMs: number,
): boolean {
  return (
    lease !== undefined &&
    lease.maxFps >= maxFps &&
    lease.maxWidth >= maxWidth &&
    nowMs - lease.atMs < renewMs
  );
}
