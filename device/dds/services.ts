import type {
  DdsEndpointOptions,
  DdsParticipantHandle,
  DdsReaderHandle,
  DdsTaken,
  DdsWriterHandle,
} from '../../native/index.ts';
import { describeError, type Log } from '../../src/base/index.ts';
import {
  type Answer,
  type CallCodec,
  ddsServiceTopics,
  ddsServiceTypes,
  foreignProduct,
  hashInUserData,
  type KnownServiceEnd,
  maxAnswerBytes,
  noRoomForRequest,
  parametersToSet,
  qosProfiles,
  type RosEndpoint,
  readServiceRequest,
  refusal,
  rosType,
  type ServiceType,
  serviceTypeHashes,
} from '../../src/ros2/index.ts';
import { endpoint, mostPublishers } from './endpoint-options.ts';
import { IncomingRequests, type Sample } from './incoming-requests.ts';
import { callService } from './service-call.ts';
import type { Asked, ServiceWire } from './service-wire.ts';
import { WaitingReplies } from './waiting-replies.ts';

type Notice = (reader: DdsReaderHandle) => void;
type Hashes = { readonly request: string; readonly response: string };

/** What services need of their node. */
export interface ServicesOptions {
  readonly participant: DdsParticipantHandle;
  readonly wire: ServiceWire;
  /** What we speak through. */
  readonly product: string;
  readonly log: Log;
  /** Ends that the graph is told of. */
  openReader(
    topic: string,
    options: DdsEndpointOptions,
    notice: Notice,
  ): { reader: DdsReaderHandle; close(): void };
  openWriter(
    topic: string,
    options: DdsEndpointOptions,
    onMatched: () => void,
  ): { writer: DdsWriterHandle; close(): void };
  isClosed(): boolean;
}

/** Of requests, and of answers to a call, so much waits for the event loop; the participant that has the most gives way. */
const mostWaiting = qosProfiles.services.depth;
const mostWaitingBytes = 2 << 20;
/** What finds the caller of a request, and how many parameters it sets. */
const headBytes = 32;
/** Over Fast DDS so many bytes of answers are kept until they are sent. */
const mostAnswerBytes = 16 << 20;

/** Services of a node, and its calls of those of others: two topics each. Names are full ones. */
export class Services {
  readonly #options: ServicesOptions;
  /** Services and calls so far. */
  #paired = 0;

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  serve<Type extends ServiceType>(name: string, type: Type, answer: Answer<Type>): RosEndpoint {
    const { log, wire, openReader, openWriter, isClosed } = this.#options;
    const ends = this.#ends('service', name, type, serviceTypeHashes[type]);
    const { writer, close: closeReply } = openWriter(name, ends.response, () => replies.retry());
    const unanswered = (error: unknown) =>
      log.warn('A service request got no answer', { service: name, reason: describeError(error) });
    const replies = new WaitingReplies(writer, unanswered);
    const requests = new RequestWarnings(name, this.#options);
    const refuse = (asked: Asked, size: number, reason: string) => {
      try {
        const { body, reply } = wire.open(type, asked);
        replies.send(reply(refusal(type, reason, parametersToSet(type, body, size))));
      } catch (error) {
        unanswered(error);
      }
    };
    const answerTo = (sample: Sample) => {
      const { bytes, ...who } = sample;
      const failed = (asked: Asked) => (error: unknown) => {
        if (isClosed()) return;
        const reason = describeError(error);
        log.warn('A service request is refused', { service: name, reason });
        refuse(asked, bytes.length, reason);
      };
      try {
        const { body, reply } = wire.open(type, sample);
        const response = answer(readServiceRequest(type, body));
        if (!(response instanceof Promise)) replies.send(reply(response));
        else {
          // The sample is given back before then.
          const head = { ...who, bytes: Uint8Array.from(bytes.subarray(0, headBytes)) };
          void response.then((late) => isClosed() || replies.send(reply(late))).catch(failed(head));
        }
      } catch (error) {
        failed(sample)(error);
      }
    };
    const incoming = new IncomingRequests({
      answer: (sample) => requests.isOurs(sample.own) && answerTo(sample),
      refuse: (request) => requests.isOurs(request.own) && refuse(request, request.size, noRoomForRequest),
      look: (taken) => requests.look(taken),
    });
    const asked = openReader(name, { ...ends.request, ...comingIn }, (reader) => incoming.takeFrom(reader));
    return {
      topic: name,
      close: () => {
        incoming.close();
        asked.close();
        replies.close();
        closeReply();
      },
    };
  }

  call<Answer>(name: string, hashes: Hashes, codec: CallCodec<Answer>, timeoutMs: number): Promise<Answer> {
    const { wire, openReader, openWriter } = this.#options;
    const ends = this.#ends('client', name, codec.type, hashes);
    // The answer says that the request came; without one nobody waits for it any more.
    const requests = { ...ends.request, leavesAtOnce: true };
    const opening = {
      wire,
      openWriter: (onMatched: () => void) => openWriter(name, requests, onMatched),
      openReader: (notice: Notice) => openReader(name, { ...ends.response, ...comingIn }, notice),
    };
    return callService(opening, name, codec, timeoutMs);
  }

  servers(name: string): readonly KnownServiceEnd[] {
    const { participant } = this.#options;
    const topics = ddsServiceTopics(name);
    return [
      ...participant.readersOf(topics.request, mostPublishers),
      ...participant.writersOf(topics.reply, mostPublishers),
    ].map(({ type, userData }) => ({ type: rosType(type), typeHash: hashInUserData(userData) }));
  }

  /** Of both topics; what pairs them stands in front of their user data. */
  #ends(role: 'service' | 'client', name: string, type: string, hashes: Hashes) {
    const { wire, participant } = this.#options;
    const id = wire.userData(role, participant.guid(), this.#paired);
    this.#paired += 1;
    const topics = ddsServiceTopics(name);
    const types = ddsServiceTypes(type);
    const paired = (topic: string, type: string, hash: string) => {
      const end = endpoint(topic, type, hash, qosProfiles.services);
      return { ...end, userData: `${id}${end.userData}`, queueBytes: mostAnswerBytes };
    };
    return {
      request: paired(topics.request, types.request, hashes.request),
      response: paired(topics.reply, types.response, hashes.response),
    };
  }
}

const comingIn = {
  ...{ maxBytes: maxAnswerBytes, queue: mostWaiting, queueBytes: mostWaitingBytes, identities: true },
};

/** Reports about requests that were not carried out; each once. */
class RequestWarnings {
  readonly #service: string;
  readonly #product: string;
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(service: string, { product, log }: ServicesOptions) {
    this.#service = service;
    this.#product = product;
    this.#log = log;
  }

  /** A client of another middleware writes its requests in a way that can't be read here, or is misread. */
  isOurs(writer: Uint8Array | undefined): boolean {
    const product = foreignProduct(writer ?? new Uint8Array(), this.#product);
    if (product === undefined) return true;
    this.#once(product, 'A service was called through another middleware and gives no answer', {
      ...{ client: product, ours: this.#product },
      remedy: `Let the client speak ${this.#product}, or start with --ros ${product === 'Fast DDS' ? 'fastdds' : product === 'Cyclone DDS' ? 'dds' : 'rclnodejs'}.`,
    });
    return false;
  }

  /** Requests that did not come as far as to be read. */
  look({ tooLarge, largest, superseded }: DdsTaken): void {
    if (tooLarge > 0) {
      this.#once('too large', 'A service request is larger than what is taken and gets no answer', {
        ...{ bytes: largest, most: maxAnswerBytes },
        remedy: 'Let its client ask for less at once.',
      });
    }
    if (superseded > 0) {
      this.#once('superseded', 'A service is asked faster than it answers; some requests are refused', {
        ...{ requests: superseded },
        remedy: `Let its clients wait for their answers: at most ${mostWaiting} requests and ${mostWaitingBytes >> 20} MiB of them wait.`,
      });
    }
  }

  #once(what: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#log.warn(message, { service: this.#service, ...fields });
  }
}
