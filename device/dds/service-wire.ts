import type { DdsTaken, Middleware } from '../../native/index.ts';
import {
  CdrReader,
  CdrWriter,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../src/ros2/index.ts';

type Sample = DdsTaken['samples'][number];
type Answer<Type extends ServiceType> = (request: ServiceRequest<Type>) => ServiceResponse<Type>;

export interface Reply {
  readonly bytes: Uint8Array;
  /** Who waits for it. */
  readonly reader: Uint8Array;
  /** What is said beside it. */
  readonly related?: Uint8Array;
}

/**
 * How a reply finds its request. The two middlewares of ROS do it in ways that don't understand each other, so that a
 * client of the one gets no answer from a service of the other; topics are not concerned.
 */
export interface ServiceWire {
  /** In front of the user data of both topics of a service. */
  userData(participant: Uint8Array, number: number): string;
  /** Throws for a request that can't be read and for one that `answer` throws for. */
  answer<Type extends ServiceType>(type: Type, request: Sample, answer: Answer<Type>): Reply;
}

/** As rmw_cyclonedds_cpp: who asks and a number, which the reply repeats, in front of the message. */
const inFront: ServiceWire = {
  /** What pairs the two topics: 16 octets that no other service has. */
  userData(participant, number) {
    const octets = [...participant.subarray(0, 12), 0, 0, number >> 8, number & 255];
    return `serviceid=${octets.map((octet) => octet.toString(16)).join('.')};`;
  },
  answer(type, { bytes }, answer) {
    const reader = new CdrReader(bytes, type);
    const client = reader.uint64('client');
    const number = reader.uint64('sequence_number');
    const response = answer(readServiceRequest(type, reader));
    const writer = new CdrWriter({ littleEndian: reader.littleEndian });
    writer.uint64(client);
    writer.uint64(number);
    writeServiceResponse(type, writer, response);
    return { bytes: writer.finish(), reader: noReader };
  },
};

/**
 * As rmw_fastrtps_cpp: the reply says beside the message which request it belongs to, by the guid of the client's reader
 * and the number that the request has as a message. The client says that guid beside its request; one that does not is
 * known by the guid of its writer.
 */
const beside: ServiceWire = {
  userData: () => '',
  answer(type, { bytes, own, related }, answer) {
    const reader = new CdrReader(bytes, type);
    const response = answer(readServiceRequest(type, reader));
    const writer = new CdrWriter({ littleEndian: reader.littleEndian });
    writeServiceResponse(type, writer, response);
    const asker = related?.subarray(0, guidOctets) ?? noReader;
    const which = Uint8Array.from(own ?? new Uint8Array(identityOctets));
    if (asker.some((octet) => octet !== 0)) which.set(asker);
    return { bytes: writer.finish(), reader: which.subarray(0, guidOctets), related: which };
  },
};

const guidOctets = 16;
const identityOctets = 24;
const noReader = new Uint8Array(guidOctets);

export const serviceWires: Readonly<Record<Middleware, ServiceWire>> = { cyclone: inFront, fastdds: beside };
