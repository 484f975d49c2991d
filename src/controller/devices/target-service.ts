import type { TargetAnswer, TargetRequest } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { choiceOf } from '../desired/settings-planner.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { resolveTarget } from '../fleet/selector.ts';
import type { LabelService } from './label-service.ts';

export interface TargetServicePorts {
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf'>;
}

/** Says by name which devices a target means, before anything is sent to them. */
export class TargetService {
  readonly #ports: TargetServicePorts;

  constructor(ports: TargetServicePorts) {
    this.#ports = ports;
  }

  resolve({ target, slot }: TargetRequest): TargetAnswer {
    const { registry, labels } = this.#ports;
    const fleet = [...registry.devices()].map((device) => ({
      id: device.id,
      labels: labels.labelsOf(device.id),
      board: device.birth?.board.name,
      // Most targets ask for no group.
      get groups() {
        return registry.groupNames(device);
      },
    }));
    const devices = resolveTarget(target, fleet).map(({ id }) => {
      const { online, settings } = registry.expect(id);
      const model = slot === undefined ? undefined : settings.slots?.[slot]?.model;
      return { id, online, ...defined({ own: model && choiceOf(model) }) };
    });
    const named = [
      ...(target.devices ?? []),
      ...(target.groups ?? []).flatMap((name) => registry.group(name)?.members ?? []),
    ];
    const unknown = [...new Set(named)].filter((id) => registry.get(id) === undefined).sort();
    return { devices, unknown };
  }
}
