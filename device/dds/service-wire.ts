import type { Middleware } from '../../native/index.ts';
import {
  type CallCodec,
  CdrReader,
  CdrWriter,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../src/ros2/index.ts';
import type { Sample } from './incoming-requests.ts';

export interface Reply {
  readonly bytes: Uint8Array;
  /**
   * Who waits for it, in the words of `reaches`: zeros are anybody. Undefined where that is not known: it goes at once, to whoever is
   * there.
   */
  readonly reader: Uint8Array | undefined;
  /** What is said beside it. */
  readonly related?: Uint8Array;
}

/**
 * How a reply finds its request. The two middlewares of ROS do it in ways that don't understand each other, so that a
 * client of the one gets no answer from a service of the other; topics are not concerned.
 */
export interface ServiceWire {
  /** In front of the user data of both topics of a service, and of both topics of who calls one. */
  userData(role: 'service' | 'client', participant: Uint8Array, number: number): string;
  /**
   * Keeps nothing of the sample but the reader of its body, since an answer may come later. Its head is enough. Throws where what stands
   * in front of the request can't be read: then nobody knows whom to answer.
   */
  open<Type extends ServiceType>(type: Type, request: Asked): OpenRequest<Type>;
  /** A request to a service of another node. `client`: a number that nobody else has; `reader`: who waits. */
  ask(codec: CallCodec<unknown>, client: bigint, reader: Uint8Array): Pick<Reply, 'bytes' | 'related'>;
  /** Undefined if the sample answers another caller. Throws for one that can't be read. */
  answer<Answer>(
    codec: CallCodec<Answer>,
    reply: Sample,
    client: bigint,
    reader: Uint8Array,
  ): Answer | undefined;
}

/** Each call has a writer of its own. */
const first = 1n;

/** A request, or what is left of one that gave way. */
export type Asked = Pick<Sample, 'bytes' | 'own' | 'related'>;

export interface OpenRequest<Type extends ServiceType> {
  /** Stands at the request. */
  readonly body: CdrReader;
  reply(response: ServiceResponse<Type>): Reply;
}

/** As rmw_cyclonedds_cpp: who asks and a number, which the reply repeats, in front of the message. */
const inFront: ServiceWire = {
  /**
   * What pairs the two topics: 16 octets that nobody else has. A service holds its answer back until it has found the reader of who
   * asks by them; without them it takes for granted that it has, and the answer goes nowhere.
   */
  userData(role, participant, number) {
    const counted = [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255];
    const octets = [...participant.subarray(0, 12), ...counted];
    return `${role}id=${octets.map((octet) => octet.toString(16)).join('.')};`;
  },
  open(type, { bytes, related }) {
    const reader = new CdrReader(bytes, type);
    const asker = Uint8Array.from(related?.subarray(0, guidOctets) ?? noReader);
    const client = reader.uint64('client');
    const number = reader.uint64('sequence_number');
    const { littleEndian } = reader;
    return {
      body: reader,
      reply(response) {
        const writer = new CdrWriter({ littleEndian });
        writer.uint64(client);
        writer.uint64(number);
        writeServiceResponse(type, writer, response);
        return { bytes: writer.finish(), reader: asker };
      },
    };
  },
  ask(codec, client) {
    const writer = new CdrWriter();
    writer.uint64(client);
    writer.uint64(first);
    codec.write(writer);
    return { bytes: writer.finish() };
  },
  answer(codec, { bytes }, client) {
    const reader = readerOfAnswer(bytes, codec.type, client);
    return reader && codec.read(reader);
  },
};

/** The body behind the header; undefined for an answer to another caller, or a damaged header. */
function readerOfAnswer(bytes: Uint8Array, type: string, client: bigint): CdrReader | undefined {
  try {
    const reader = new CdrReader(bytes, type);
    const isMine = reader.uint64('client') === client && reader.uint64('sequence_number') === first;
    return isMine ? reader : undefined;
  } catch {
    // Whoever joins the topic may send such ones: they end no call.
    return undefined;
  }
}

/**
 * As rmw_fastrtps_cpp: the reply says beside the message which request it belongs to, by the guid of the client's reader
 * and the number that the request has as a message. The client says that guid beside its request; one that does not is
 * known by the guid of its writer, and gets its reply at once, since nobody knows for which reader to wait.
 */
const beside: ServiceWire = {
  userData: () => '',
  open(type, { bytes, own, related }) {
    const reader = new CdrReader(bytes, type);
    const { littleEndian } = reader;
    const asker = related?.subarray(0, guidOctets) ?? noReader;
    const which = Uint8Array.from(own ?? new Uint8Array(identityOctets));
    if (asker.some((octet) => octet !== 0)) which.set(asker);
    return {
      body: reader,
      reply(response) {
        const writer = new CdrWriter({ littleEndian });
        writeServiceResponse(type, writer, response);
        const guid = which.subarray(0, guidOctets);
        return { bytes: writer.finish(), reader: isReader(guid) ? guid : undefined, related: which };
      },
    };
  },
  ask(codec, _, reader) {
    const writer = new CdrWriter();
    codec.write(writer);
    return { bytes: writer.finish(), related: identity(reader, 0) };
  },
  answer(codec, { bytes, related }, _, reader) {
    const mine = identity(reader, Number(first));
    if (related === undefined || !mine.every((octet, at) => octet === related[at])) return undefined;
    return codec.read(new CdrReader(bytes, codec.type));
  },
};

function identity(guid: Uint8Array, number: number): Uint8Array {
  const which = new Uint8Array(identityOctets);
  which.set(guid);
  which[identityOctets - 1] = number;
  return which;
}

/** By the kind of an entity, its last octet (DDSI-RTPS 2.3, 9.3.1.2). */
const isReader = (guid: Uint8Array) => ((guid.at(-1) ?? 0) & 4) !== 0;

const guidOctets = 16;
const identityOctets = 24;
const noReader = new Uint8Array(guidOctets);

export const serviceWires: Readonly<Record<Middleware, ServiceWire>> = { cyclone: inFront, fastdds: beside };
