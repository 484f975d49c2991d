import type { ModelList } from '../../api/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { OciRegistry } from '../registry/oci-registry.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface ModelServicePorts {
  readonly models: ModelRegistry;
  readonly devices: Pick<DeviceRegistry, 'countWithModel'>;
  readonly oci: Pick<OciRegistry, 'deleteModel'>;
}

/** The models of the fleet as people see them; they come and go as artifacts of the registry. */
export class ModelService {
  readonly #ports: ModelServicePorts;

  constructor(ports: ModelServicePorts) {
    this.#ports = ports;
  }

  list(view: FleetView = wholeFleet): ModelList {
    const { models, devices } = this.#ports;
    return { models: models.list((digest) => devices.countWithModel(digest, view)) };
  }

  deleteModel(caller: Caller, digest: string): Promise<void> {
    return this.#ports.oci.deleteModel(caller, digest);
  }
}
