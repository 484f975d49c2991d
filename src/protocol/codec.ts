import type { Static, TSchema } from '@sinclair/typebox';
import { InputError } from '../base/index.ts';
import { type CallMethod, calls } from './calls.ts';
import { topicTable } from './topic-table.ts';
import { type Place, parseTopic, type TopicName, topics } from './topics.ts';
import type { Message } from './transport.ts';
import { checkWith, decodeWith, encodeWith, type WireFormat } from './wire.ts';

/** Topics whose payload has one schema. */
export type PayloadKind = Exclude<TopicName, 'call'>;
export type PayloadOf<K extends PayloadKind> = Static<(typeof topicTable)[K]['schema']>;
export type CallRequestOf<M extends CallMethod> = Static<(typeof calls)[M]['request']>;
export type CallResultOf<M extends CallMethod> = Static<(typeof calls)[M]['response']>;

function callFormat(method: CallMethod): WireFormat<TSchema> {
  return { ...topicTable.call, schema: calls[method].request };
}

/** Larger payloads of this kind are refused by both sides. */
export function maxBytesOf(kind: PayloadKind): number {
  return topicTable[kind].maxBytes;
}

type TopicArguments<K extends TopicName> = Parameters<(typeof topics)[K]>;

/** A message as the row of its topic says, with a payload that is encoded already. */
export function messageOf<K extends TopicName>(
  kind: K,
  payload: Uint8Array,
  ...where: TopicArguments<K>
): Message {
  const { qos, retained, encoding } = topicTable[kind];
  const topic = (topics[kind] as (...levels: readonly string[]) => string)(...where);
  return { topic, payload, qos, retain: retained, contentType: `application/${encoding}` };
}

/** InternalError `payload-unencodable` for a value that does not fit: it must not reach the wire. */
export function encodePayload<K extends PayloadKind>(kind: K, value: PayloadOf<K>): Uint8Array {
  return encodeWith<TSchema>(topicTable[kind], value, kind);
}

/** InputError `payload-invalid` for bytes that do not fit; throws nothing else. */
export function decodePayload<K extends PayloadKind>(
  kind: K,
  bytes: Uint8Array,
  topic: string,
): PayloadOf<K> {
  return decodeWith<TSchema>(topicTable[kind], bytes, topic) as PayloadOf<K>;
}

export function encodeCall<M extends CallMethod>(method: M, request: CallRequestOf<M>): Uint8Array {
  return encodeWith(callFormat(method), request, `call/${method}`);
}

export function decodeCall<M extends CallMethod>(
  method: M,
  bytes: Uint8Array,
  topic: string,
): CallRequestOf<M> {
  return decodeWith(callFormat(method), bytes, topic) as CallRequestOf<M>;
}

/** The result of a call as its method promises it, out of a CallResponse with `ok: true`. */
export function checkCallResult<M extends CallMethod>(
  method: M,
  result: unknown,
  topic: string,
): CallResultOf<M> {
  return checkWith<TSchema>(calls[method].response, result ?? {}, topic) as CallResultOf<M>;
}

function isCallMethod(method: string): method is CallMethod {
  return Object.hasOwn(calls, method);
}

/** A message of ours with its meaning. */
export type Decoded =
  | { [K in PayloadKind]: Place<K> & { readonly payload: PayloadOf<K> } }[PayloadKind]
  | { [M in CallMethod]: Place<'call'> & { method: M; payload: CallRequestOf<M> } }[CallMethod];

/**
 * What arrived on a topic. InputError `topic-unknown` for a topic that is not ours, `call-unknown` for a method that
 * this version does not have, `payload-invalid` for bytes that do not fit; throws nothing else.
 */
export function decodeMessage(topic: string, bytes: Uint8Array): Decoded {
  const place = parseTopic(topic);
  if (place === undefined)
    throw new InputError(
      'topic-unknown',
      `${topic.slice(0, 200)} is not a topic of goshawk/1.`,
      'It was ignored. Find out which program publishes there.',
    );
  if (place.kind === 'call') {
    if (!isCallMethod(place.method))
      throw new InputError(
        'call-unknown',
        `This version knows no call named ${place.method.slice(0, 64)}.`,
        `It knows ${Object.keys(calls).join(', ')}. Update the device.`,
      );
    const payload = decodeCall(place.method, bytes, topic);
    return { kind: 'call', device: place.device, method: place.method, payload } as Decoded;
  }
  return { ...place, payload: decodePayload(place.kind, bytes, topic) } as Decoded;
}
