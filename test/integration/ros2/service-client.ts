import type { DdsReaderHandle, DdsWriterHandle, loadDds } from '../../../native/index.ts';
import {
  CdrReader,
  CdrWriter,
  ddsServiceTopics,
  ddsServiceTypes,
  qosProfiles,
  type ServiceType,
} from '../../../src/ros2/index.ts';

const asker = 77n;

/** One service of a node over Cyclone DDS, as a client of rmw_cyclonedds_cpp calls it. */
export class ServiceClient {
  readonly #type: ServiceType;
  readonly #reader: DdsReaderHandle;
  readonly #writer: DdsWriterHandle;
  readonly #waiting = new Map<bigint, (reply: CdrReader) => void>();
  readonly #requests: Uint8Array[] = [];
  #servers = 0;
  #number = 0n;

  constructor(
    addon: ReturnType<typeof loadDds>,
    participant: InstanceType<ReturnType<typeof loadDds>['DdsParticipant']>,
    service: string,
    type: ServiceType,
  ) {
    this.#type = type;
    const topics = ddsServiceTopics(service);
    const types = ddsServiceTypes(type);
    const common = { ...qosProfiles.standard, userData: '', maxBytes: 1 << 20, queue: 10, maxBlockingMs: 0 };
    this.#writer = new addon.DdsWriter(
      participant,
      { ...common, topic: topics.request, type: types.request },
      () => this.#send(),
    );
    this.#reader = new addon.DdsReader(
      participant,
      { ...common, topic: topics.reply, type: types.response },
      () => this.#take(),
    );
  }

  call<Value>(write: (request: CdrWriter) => void, read: (reply: CdrReader) => Value): Promise<Value> {
    this.#number += 1n;
    const request = new CdrWriter();
    request.uint64(asker);
    request.uint64(this.#number);
    write(request);
    return new Promise((resolve) => {
      this.#waiting.set(this.#number, (reply) => resolve(read(reply)));
      this.#requests.push(Uint8Array.from(request.finish()));
      this.#send();
    });
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }

  #send(): void {
    if (this.#servers === 0 || this.#writer.matched() === 0) return;
    for (const request of this.#requests.splice(0)) this.#writer.write(request);
  }

  #take(): void {
    const taken = this.#reader.take();
    for (const { kind, count } of taken?.events ?? []) if (kind === 'matched') this.#servers = count;
    for (const { id, bytes } of taken?.samples ?? []) {
      const reply = new CdrReader(bytes, this.#type);
      if (reply.uint64('client') === asker) this.#waiting.get(reply.uint64('sequence_number'))?.(reply);
      this.#reader.release(id);
    }
    this.#send();
  }
}
