import type { DeviceLabels, DeviceLabelsList, Hold, Labels } from '../../api/index.ts';
import { type Clock, counted, LimitError } from '../../base/index.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { StoredFleet } from '../store/store.ts';

export interface LabelServicePorts {
  readonly commands: CommandExecutor;
  readonly clock: Clock;
}

/** They are in memory, and are listed as a whole. */
const mostLabelled = 200_000;
const none: Labels = {};

/** What the fleet says of its devices: labels, and which of them no rollout may change. Devices to come may have some. */
export class LabelService {
  readonly #ports: LabelServicePorts;
  readonly #rows = new Map<string, DeviceLabels>();

  constructor(ports: LabelServicePorts) {
    this.#ports = ports;
  }

  load({ labels }: Pick<StoredFleet, 'labels'>): void {
    for (const row of labels) this.#rows.set(row.device, row);
  }

  labelsOf(device: string): Labels {
    return this.#rows.get(device)?.labels ?? none;
  }

  holdOf(device: string): Hold | undefined {
    return this.#rows.get(device)?.hold;
  }

  list(view: FleetView = wholeFleet): DeviceLabelsList {
    const rows = [...this.#rows.values()].filter(({ device }) => view.has(device));
    return { devices: rows.sort((a, b) => (a.device < b.device ? -1 : 1)) };
  }

  setLabels(caller: Caller, device: string, labels: Labels): Promise<DeviceLabels> {
    return this.#change(caller, 'device.labels', device, { labels }, (row) => ({ ...row, labels }));
  }

  hold(caller: Caller, device: string, reason: string): Promise<DeviceLabels> {
    const hold = { reason, by: actorOf(caller), sinceMs: this.#ports.clock.wallMs() };
    return this.#change(caller, 'device.hold', device, { reason }, (row) => ({ ...row, hold }));
  }

  release(caller: Caller, device: string): Promise<DeviceLabels> {
    return this.#change(caller, 'device.released', device, {}, ({ hold: _, ...row }) => row);
  }

  forgetDevice(device: string): void {
    this.#rows.delete(device);
  }

  #change(
    caller: Caller,
    action: string,
    device: string,
    detail: unknown,
    edit: (row: DeviceLabels) => DeviceLabels,
  ): Promise<DeviceLabels> {
    return this.#ports.commands.execute(caller, action, device, detail, () => {
      const known = this.#rows.get(device);
      if (known === undefined && this.#rows.size >= mostLabelled)
        throw new LimitError(
          'labels-many',
          `${counted(this.#rows.size, 'device')} have labels; that is the limit.`,
          'Remove them from unused devices.',
        );
      const row = edit(known ?? { device, labels: {} });
      return {
        changes: [{ kind: 'labels', labels: row }],
        apply: () => {
          if (Object.keys(row.labels).length === 0 && row.hold === undefined) this.#rows.delete(device);
          else this.#rows.set(device, row);
          return row;
        },
      };
    });
  }
}
