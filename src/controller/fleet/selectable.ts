import type { Labels } from '../../api/index.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { Selectable } from './selector.ts';

export interface SelectablePorts {
  readonly registry: Pick<DeviceRegistry, 'get' | 'groupNames'>;
  readonly labels: { labelsOf(device: string): Labels };
}

/** What selectors look at, also of a device that is still to come: it may have labels and be listed by groups. */
export function selectableOf(id: string, { registry, labels }: SelectablePorts): Selectable {
  const birth = registry.get(id)?.birth;
  return {
    ...{ id, labels: labels.labelsOf(id), board: birth?.board.name },
    // Most selectors ask for no group.
    get groups() {
      return registry.groupNames({ id, birth });
    },
  };
}
