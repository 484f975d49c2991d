import type { ModelList, ModelUpload, TakenModel } from '../../api/index.ts';
import type { DigestOf } from '../../model/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { OciRegistry } from '../registry/oci-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { ModelUploads } from './model-uploads.ts';

export interface ModelServicePorts {
  readonly models: ModelRegistry;
  readonly devices: Pick<DeviceRegistry, 'countWithModel'>;
  readonly oci: Pick<
    OciRegistry,
    'deleteModel' | 'issueToken' | 'callerOf' | 'blob' | 'keepBytes' | 'putManifest'
  >;
  readonly digestOf: DigestOf;
}

/** The models of the fleet as people see them; they come and go as artifacts of the registry. */
export class ModelService {
  readonly #ports: ModelServicePorts;
  readonly #uploads: ModelUploads;

  constructor(ports: ModelServicePorts) {
    this.#ports = ports;
    this.#uploads = new ModelUploads(ports);
  }

  list(view: FleetView = wholeFleet): ModelList {
    const { models, devices } = this.#ports;
    return { models: models.list((digest) => devices.countWithModel(digest, view)) };
  }

  /** What is left to upload of a model. InputError `manifest-...`, RefusedError `model-version-taken`. */
  planUpload(caller: Caller, manifest: Uint8Array): Promise<ModelUpload> {
    return this.#uploads.plan(caller, manifest);
  }

  /** Adds a model whose files are in the registry. InputError `manifest-blob-unknown` for one that is missing. */
  add(caller: Caller, manifest: Uint8Array): Promise<TakenModel> {
    return this.#uploads.finish(caller, manifest);
  }

  deleteModel(caller: Caller, digest: string): Promise<void> {
    return this.#ports.oci.deleteModel(caller, digest);
  }
}
