import { rosEnvironment } from '../../../device/dds/index.ts';
import {
  type DdsParticipantHandle,
  type DdsReaderHandle,
  type DdsWriterHandle,
  loadDds,
  type Middleware,
} from '../../../native/index.ts';
import {
  CdrReader,
  CdrWriter,
  ddsServiceTopics,
  ddsServiceTypes,
  qosProfiles,
  type ServiceType,
} from '../../../src/ros2/index.ts';

/** Another participant on this machine, as a node of its own. */
export function stranger(middleware: Middleware, domain: number): DdsParticipantHandle {
  const { configuration } = rosEnvironment(
    { ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' },
    middleware,
  );
  return new (loadDds(middleware).DdsParticipant)({ domain, configuration, userData: '' });
}

/** A client of a service that sends any number of requests at once, as `call_async` in a loop does. */
export class BurstClient {
  readonly #number = process.hrtime.bigint();
  readonly #middleware: Middleware;
  readonly #type: ServiceType;
  readonly #reader: DdsReaderHandle;
  readonly #writer: DdsWriterHandle;
  #servers = 0;
  #sent = 0;
  #unsent: Uint8Array[] = [];
  /** What was read of each answer, by the number of its request, from 1. */
  readonly answers = new Map<number, unknown>();

  constructor(
    middleware: Middleware,
    participant: DdsParticipantHandle,
    service: string,
    type: ServiceType,
    readAnswer: (reply: CdrReader) => unknown,
  ) {
    this.#middleware = middleware;
    this.#type = type;
    const { DdsReader, DdsWriter } = loadDds(middleware);
    const topics = ddsServiceTopics(service);
    const types = ddsServiceTypes(type);
    const common = {
      ...qosProfiles.services,
      depth: 10_000,
      userData: '',
      maxBytes: 1 << 20,
      queue: 10_000,
      maxBlockingMs: 0,
    };
    this.#reader = new DdsReader(
      participant,
      { ...common, topic: topics.reply, type: types.response, identities: true },
      () => this.#take(readAnswer),
    );
    this.#writer = new DdsWriter(
      participant,
      { ...common, topic: topics.request, type: types.request },
      () => {},
    );
  }

  get ready(): boolean {
    return this.#servers > 0 && this.#writer.matched() > 0;
  }

  /** All before anybody can look at the first one, as far as the middleware takes them; the others by `retry`. */
  send(count: number, write: (request: CdrWriter) => void): void {
    for (let each = 0; each < count; each += 1) {
      this.#sent += 1;
      const request = new CdrWriter();
      if (this.#middleware === 'cyclone') {
        request.uint64(this.#number);
        request.uint64(BigInt(this.#sent));
      }
      write(request);
      this.#unsent.push(Uint8Array.from(request.finish()));
    }
    this.retry();
  }

  /** True where all is sent. */
  retry(): boolean {
    const related = Buffer.concat([this.#reader.guid(), Buffer.alloc(8)]);
    while (this.#unsent[0] !== undefined) {
      const beside = this.#middleware === 'cyclone' ? undefined : related;
      if (!this.#writer.write(this.#unsent[0], beside)) return false;
      this.#unsent.shift();
    }
    return true;
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }

  #take(readAnswer: (reply: CdrReader) => unknown): void {
    const taken = this.#reader.take();
    for (const { kind, count } of taken?.events ?? []) if (kind === 'matched') this.#servers = count;
    for (const { id, bytes, related } of taken?.samples ?? []) {
      const reply = new CdrReader(bytes, this.#type);
      const number = this.#numberOf(reply, Buffer.from(related ?? []));
      if (number !== undefined) this.answers.set(number, readAnswer(reply));
      this.#reader.release(id);
    }
  }

  /** Undefined for the answer to somebody else. */
  #numberOf(reply: CdrReader, related: Buffer): number | undefined {
    if (this.#middleware === 'cyclone') {
      const mine = reply.uint64('client') === this.#number;
      const number = Number(reply.uint64('sequence_number'));
      return mine ? number : undefined;
    }
    if (!related.subarray(0, 16).equals(Buffer.from(this.#reader.guid()))) return undefined;
    return related.readUInt32BE(20);
  }
}
