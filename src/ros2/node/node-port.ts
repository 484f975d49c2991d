import { type GoshawkError, LimitError, MissingError } from '../../base/index.ts';
import type { CallableService } from '../messages/service-calls.ts';
import type { ServiceRequest, ServiceResponse, ServiceType } from '../messages/services.ts';
import type { ServiceShape } from '../values/service-shape.ts';
import type { MessageStruct } from '../values/value-kinds.ts';
import type { NodeName } from './names.ts';
import type { Qos } from './qos.ts';
import type { ForeignType, MessageType } from './types.ts';
import type { Neighbour } from './vendors.ts';

/** A message as it came, encapsulation header first. `bytes` is valid until `release`, which is called exactly once. */
export interface RosMessage {
  readonly bytes: Uint8Array;
  release(): void;
  /** Where only the first 16 kB of `bytes` are there yet: native code reads the rest by `pieces`, all others `gather` first. */
  readonly scattered?: { readonly pieces: object; gather(): void };
}

/** Counts since the subscription began; no message is in two of them. */
export interface RosLosses {
  /** Gave way to newer ones here, because the event loop was too slow. */
  readonly superseded: number;
  /** Never came: the middleware's own numbers have gaps there. */
  readonly onTheWay: number;
  /** Above `maxBytes`, and the size of the last one. */
  readonly tooLarge: number;
  readonly largest: number;
}

export interface SubscribeOptions {
  /** `~/image`, `image` or `/camera/image_raw`; remapped by the node. */
  readonly topic: string;
  readonly type: MessageType | ForeignType;
  readonly qos: Qos;
  /** Largest message that is taken. */
  readonly maxBytes: number;
  /** Messages that wait for the event loop; the oldest give way. */
  readonly queue: number;
  /** Large messages may come scattered, where the node has them so. */
  readonly scattered?: boolean;
  readonly onMessage: (message: RosMessage) => void;
  /** How many publishers there are, whenever that changes. */
  readonly onPublishers?: (count: number) => void;
  /** Before the next message, so that a gap can be told from it. */
  readonly onLosses?: (losses: RosLosses) => void;
  /** A publisher whose QoS does not fit; says which side asks what. */
  readonly onProblem?: (problem: GoshawkError) => void;
}

/** What a service does with a request. */
export type Answer<Type extends ServiceType> = (
  request: ServiceRequest<Type>,
) => ServiceResponse<Type> | Promise<ServiceResponse<Type>>;

/** A subscription, a publisher or a service that can be given up; again is nothing. */
export interface RosEndpoint {
  /** Full name, remapped. */
  readonly topic: string;
  close(): void;
}

/** A publisher of somebody else, as discovery announces it. */
export interface KnownPublisher {
  /** Its node with its namespace, where the graph says which one it is. */
  readonly node: string | undefined;
  /** `pkg/msg/Name`; of a type that ROS does not name so, as it is on the wire. */
  readonly type: string;
  /** RIHS01_...; undefined where it announces none, as nodes of Humble do. */
  readonly typeHash: string | undefined;
}

/** One of the two topics of a service, as the node that serves it announces it. */
export interface KnownServiceEnd {
  /** `pkg/srv/Name_Request` or `pkg/srv/Name_Response`. */
  readonly type: string;
  /** RIHS01_...; undefined where it announces none, as nodes of Humble do. */
  readonly typeHash: string | undefined;
}

export interface RosPublisher extends RosEndpoint {
  /** Encapsulation header and CDR, copied before it returns; false where subscribers are too slow and it was not sent. */
  publish(bytes: Uint8Array): boolean;
  /** Subscribers now. */
  subscribers(): number;
}

/**
 * Port: a node of the ROS 2 graph. What it carries is CDR; what it means is this room's business, and nobody else's.
 * A node of ROS, a plain DDS participant and the fake of the tests keep to the same contract (test/contract/ros-node.ts).
 */
export interface RosNode {
  readonly name: NodeName;
  /** What reaches the graph, in the words of a log. */
  readonly carrier: string;
  /** Whether `onTheWay` of RosLosses counts. Where it does not, only the stamps of pictures tell what is missing. */
  readonly tellsLosses: boolean;
  /** Its library answers `~/get_type_description` itself, where its ROS 2 has that service. */
  readonly describesTypes?: boolean;
  /** The full name of a topic of this node, remapped. */
  topic(name: string): string;
  subscribe(options: SubscribeOptions): RosEndpoint;
  advertise(topic: string, type: MessageType, qos: Qos): RosPublisher;
  /** A request that can't be read gets no answer and is told in the log; so does one that `answer` throws for. Answers may take their time. */
  serve<Type extends ServiceType>(service: string, type: Type, answer: Answer<Type>): RosEndpoint;
  /** Asks a service of another node, once. Rejects with a MissingError where none is there, or answers in time. */
  call<Type extends CallableService>(
    service: string,
    type: Type,
    request: ServiceRequest<Type>,
    timeoutMs: number,
  ): Promise<ServiceResponse<Type>>;
  /** The same of a service whose definition is not ours. Rejects with an InputError for an answer that can't be read. */
  callForeign(
    service: string,
    type: ServiceShape,
    request: MessageStruct,
    timeoutMs: number,
  ): Promise<MessageStruct>;
  /** What those who serve it now announce, as far as it is known here. */
  servers(service: string): readonly KnownServiceEnd[];
  /** A sentence where the middleware, as it is set up here, loses large best-effort messages; undefined where it does not. */
  largeMessageRisk(): string | undefined;
  /** Who publishes on a topic now, as far as it is known here; of many the first ones. */
  publishers(topic: string): readonly KnownPublisher[];
  /** Nodes that were seen so far, where the node looks who they are. */
  neighbours(): readonly Neighbour[];
  /** Why messages were lost on the way since this was asked last, as far as it is known, with a remedy. */
  lossCause(): string | undefined;
  /** Everything of it ends. */
  close(): void;
}

/** Of what a service answers, and of what it is asked: names and numbers. */
export const maxAnswerBytes = 256 << 10;

/** An answer was there that is not taken, which may have been the one that was waited for. */
export function unheardAnswer(service: string, bytes: number): LimitError {
  return new LimitError(
    'ros-answer-too-large',
    `The service ${service} was called, and an answer of ${bytes} bytes came, which is larger than the ${maxAnswerBytes} that are taken.`,
    'The service ran: do not call it again for the answer. Use a service with a smaller answer.',
  );
}

export function unansweredCall(service: string, timeoutMs: number): MissingError {
  return new MissingError(
    'ros-call-unanswered',
    `The service ${service} gave no answer in ${Math.round(timeoutMs) / 1000} s.`,
    'Look with ros2 service list whether it is there, and whether its node speaks through the same middleware.',
  );
}
