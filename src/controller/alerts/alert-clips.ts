import type { Alert } from '../../api/index.ts';
import { type Clock, describeError, type Log } from '../../base/index.ts';
import { type Caller, systemCaller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ClipRequests } from '../rpc/clip-requests.ts';
import type { AlertRuleRow } from '../store/rows.ts';

export interface AlertClipsPorts {
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly clips: Pick<ClipRequests, 'record'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

const hourMs = 3_600_000;
/** A rule that fires all the time must not wear out a disk, nor a thousand devices keep the controller busy. */
export const mostClips = { ofDevice: 6, ofFleet: 120 } as const;
/** Of an alert about a whole device. */
const mostCameras = 4;

/**
 * Orders clips where a rule asks for them, when its alert fires: of the camera that it is about, or of the cameras of its device. As
 * every order of a clip it is in the audit log. One that a device refuses is in the log of the controller, and the alert fires all
 * the same.
 */
export class AlertClips {
  readonly #ports: AlertClipsPorts;
  readonly #ordered: { readonly device: string; readonly atMs: number }[] = [];

  constructor(ports: AlertClipsPorts) {
    this.#ports = ports;
  }

  fired({ id, device, camera }: Alert, { name, clip }: AlertRuleRow): void {
    if (clip === undefined || device === undefined) return;
    const kept = Object.entries(this.#ports.registry.get(device)?.reported?.cameras ?? {}).flatMap(
      ([one, { clips }]) => (clips === true && (camera === undefined || camera === one) ? [one] : []),
    );
    // Its rule and its alert are what a reader of the audit log asks for.
    const by: Caller = { ...systemCaller, name: `alert ${id}: ${name}` };
    for (const one of kept.slice(0, mostCameras)) void this.#order(by, device, { camera: one, ...clip });
  }

  async #order(by: Caller, device: string, request: Parameters<ClipRequests['record']>[2]): Promise<void> {
    const about = { device, camera: request.camera, rule: by.name };
    if (!this.#hasRoom(device)) {
      this.#ports.log.warn('No clip for an alert: there were too many in the last hour', about);
      return;
    }
    try {
      await this.#ports.clips.record(by, device, request);
    } catch (error) {
      this.#ports.log.warn('No clip for an alert', { ...about, reason: describeError(error) });
    }
  }

  #hasRoom(device: string): boolean {
    const nowMs = this.#ports.clock.monotonicMs();
    while (this.#ordered[0] !== undefined && nowMs - this.#ordered[0].atMs >= hourMs) this.#ordered.shift();
    const own = this.#ordered.filter((one) => one.device === device);
    if (own.length >= mostClips.ofDevice || this.#ordered.length >= mostClips.ofFleet) return false;
    this.#ordered.push({ device, atMs: nowMs });
    return true;
  }
}
