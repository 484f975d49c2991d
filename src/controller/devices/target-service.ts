import type { TargetAnswer, TargetRequest } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { choiceOf } from '../desired/settings-planner.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { selectableOf } from '../fleet/selectable.ts';
import { isWithin, resolveTarget } from '../fleet/selector.ts';
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
    const { registry } = this.#ports;
    const fleet = [...registry.devices()].map(({ id }) => selectableOf(id, this.#ports));
    const { within } = target;
    const isShown = (id: string) => within === undefined || isWithin(within, selectableOf(id, this.#ports));
    const devices = resolveTarget(target, fleet).map(({ id }) => {
      const { online, settings } = registry.expect(id);
      const model = slot === undefined ? undefined : settings.slots?.[slot]?.model;
      return { id, online, ...defined({ own: model && choiceOf(model) }) };
    });
    const listed = (target.groups ?? []).flatMap((name) => registry.group(name)?.members ?? []);
    const named = new Set([...(target.devices ?? []), ...listed.filter(isShown)]);
    // Devices elsewhere are as unknown as those that never were.
    const unknown = [...named].filter((id) => registry.get(id) === undefined || !isShown(id)).sort();
    return { devices, unknown };
  }
}
