import type { ModelList, UploadAnswer } from '../../api/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import type { BundleFile } from '../../model/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { FileRange, ModelRegistry } from './model-registry.ts';

export interface ModelServicePorts {
  readonly models: ModelRegistry;
  readonly registry: DeviceRegistry;
  readonly audit: AuditLog;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
  /** RefusedError `model-in-rollout` for one that a rollout needs. */
  readonly expectUnneeded: (digest: string) => void;
  /** The registry, which has every bundle as an artifact too. */
  readonly oci: { publish(digest: string): Promise<void>; forget(digest: string): Promise<void> } | undefined;
}

/** The models of the fleet as people see and change them; every change has its entry in the audit log. */
export class ModelService {
  readonly #ports: ModelServicePorts;

  constructor(ports: ModelServicePorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const { message } of await this.#ports.models.load())
      this.#ports.log.warn('A stored bundle could not be read', { cause: message });
  }

  list(): ModelList {
    const { models, registry } = this.#ports;
    return { models: models.list((digest) => registry.countWithModel(digest)) };
  }

  /** MissingError for a file that is not there (yet). */
  fileOf(digest: string, path: string): BundleFile {
    return this.#ports.models.fileOf(digest, path);
  }

  read(digest: string, file: BundleFile, range?: FileRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#ports.models.read(digest, file, range);
  }

  putFile(
    caller: Caller,
    digest: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<UploadAnswer> {
    const { models, audit, clock } = this.#ports;
    return this.#told(digest, () =>
      audit.record(caller, 'model.file', `${digest}/${path}`, () =>
        models.putFile(digest, path, bytes, clock.wallMs()),
      ),
    );
  }

  putManifest(caller: Caller, digest: string, read: () => Promise<Uint8Array>): Promise<UploadAnswer> {
    const { models, audit, clock } = this.#ports;
    return this.#told(digest, () =>
      audit.record(caller, 'model.manifest', digest, async () =>
        models.putManifest(digest, await read(), clock.wallMs()),
      ),
    );
  }

  deleteModel(caller: Caller, digest: string): Promise<void> {
    const { models, audit, expectUnneeded, oci } = this.#ports;
    return audit.record(caller, 'model.deleted', digest, async () => {
      expectUnneeded(digest);
      if (models.has(digest)) await oci?.forget(digest);
      await models.delete(digest);
    });
  }

  async #told(digest: string, put: () => Promise<UploadAnswer>): Promise<UploadAnswer> {
    const { models, oci, bus } = this.#ports;
    const before = models.isComplete(digest);
    const answer = await put();
    if (answer.complete && !before) {
      await oci?.publish(digest);
      bus.emit('bundleComplete');
    }
    return answer;
  }
}
