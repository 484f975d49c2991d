import type { ModelList, UploadAnswer } from '../../api/index.ts';
import { type Clock, RefusedError } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface ModelServicePorts {
  readonly models: ModelRegistry;
  readonly registry: DeviceRegistry;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Names of rollouts under way that need it. */
  readonly usedBy: (digest: string) => readonly string[];
  /** One more bundle can be given to devices. */
  readonly onComplete: () => void;
}

/** The models of the fleet as people see and change them; every change has its entry in the audit log. */
export class ModelService {
  readonly #ports: ModelServicePorts;

  constructor(ports: ModelServicePorts) {
    this.#ports = ports;
  }

  list(): ModelList {
    const { models, registry } = this.#ports;
    return { models: models.list((digest) => registry.countWithModel(digest)) };
  }

  /** MissingError for a file that is not there (yet). */
  expectPresent(digest: string, path: string): void {
    this.#ports.models.expectPresent(digest, path);
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
    const { models, audit, usedBy } = this.#ports;
    return audit.record(caller, 'model.deleted', digest, async () => {
      const [first] = usedBy(digest);
      if (first !== undefined)
        throw new RefusedError(
          'model-in-rollout',
          `The rollout ${first} needs this model, or may have to go back to it.`,
          'Wait until it is over, or abort it.',
        );
      await models.delete(digest);
    });
  }

  async #told(digest: string, put: () => Promise<UploadAnswer>): Promise<UploadAnswer> {
    const before = this.#ports.models.isComplete(digest);
    const answer = await put();
    if (answer.complete && !before) this.#ports.onComplete();
    return answer;
  }
}
