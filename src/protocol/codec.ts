import type { Static, TSchema } from '@sinclair/typebox';
import { InputError } from '../base/index.ts';
import {
  type CallMethod,
  CallResponse,
  calls,
  Desired,
  DeviceEvent,
  MetricsBatch,
  Preview,
  Reported,
  State,
} from './payloads.ts';
import { parseTopic } from './topics.ts';
import { checkWith, decodeWith, encodeWith, type WireFormat } from './wire.ts';

const kib = 1024;

function format<T extends TSchema>(schema: T, encoding: 'json' | 'cbor', maxBytes: number): WireFormat<T> {
  return { schema, encoding, maxBytes };
}

/** How the payload of every topic travels; docs/mqtt.md shows the same table. */
export const formats = {
  state: format(State, 'json', 1024 * kib),
  metrics: format(MetricsBatch, 'cbor', 1024 * kib),
  events: format(DeviceEvent, 'json', 64 * kib),
  desired: format(Desired, 'json', 256 * kib),
  reported: format(Reported, 'json', 256 * kib),
  response: format(CallResponse, 'json', 256 * kib),
  preview: format(Preview, 'cbor', 1200 * kib),
} as const;

export type PayloadKind = keyof typeof formats;
export type PayloadOf<K extends PayloadKind> = Static<(typeof formats)[K]['schema']>;
export type CallRequestOf<M extends CallMethod> = Static<(typeof calls)[M]['request']>;
export type CallResultOf<M extends CallMethod> = Static<(typeof calls)[M]['response']>;

const callFormats = {
  rebirth: format(calls.rebirth.request, 'json', 64 * kib),
  ack: format(calls.ack.request, 'json', 64 * kib),
  preview: format(calls.preview.request, 'json', 64 * kib),
  describe: format(calls.describe.request, 'json', 64 * kib),
  updates: format(calls.updates.request, 'json', 64 * kib),
  robot: format(calls.robot.request, 'json', 64 * kib),
  'robot-request': format(calls['robot-request'].request, 'json', 64 * kib),
  frames: format(calls.frames.request, 'json', 64 * kib),
  frame: format(calls.frame.request, 'json', 64 * kib),
  'join-sum': format(calls['join-sum'].request, 'json', 64 * kib),
  'masked-sum': format(calls['masked-sum'].request, 'json', 64 * kib),
} as const;

/** For the content type property of MQTT 5. */
export function contentTypeOf(kind: PayloadKind | 'call'): string {
  return kind !== 'call' && formats[kind].encoding === 'cbor' ? 'application/cbor' : 'application/json';
}

/** Larger payloads of this kind are refused by both sides. */
export function maxBytesOf(kind: PayloadKind): number {
  return formats[kind].maxBytes;
}

/** InternalError `payload-unencodable` for a value that does not fit: it must not reach the wire. */
export function encodePayload<K extends PayloadKind>(kind: K, value: PayloadOf<K>): Uint8Array {
  return encodeWith<TSchema>(formats[kind], value, kind);
}

/** InputError `payload-invalid` for bytes that do not fit; throws nothing else. */
export function decodePayload<K extends PayloadKind>(
  kind: K,
  bytes: Uint8Array,
  topic: string,
): PayloadOf<K> {
  return decodeWith<TSchema>(formats[kind], bytes, topic) as PayloadOf<K>;
}

export function encodeCall<M extends CallMethod>(method: M, request: CallRequestOf<M>): Uint8Array {
  return encodeWith<TSchema>(callFormats[method], request, `call/${method}`);
}

export function decodeCall<M extends CallMethod>(
  method: M,
  bytes: Uint8Array,
  topic: string,
): CallRequestOf<M> {
  return decodeWith<TSchema>(callFormats[method], bytes, topic) as CallRequestOf<M>;
}

/** The result of a call as its method promises it, out of a CallResponse with `ok: true`. */
export function checkCallResult<M extends CallMethod>(
  method: M,
  result: unknown,
  topic: string,
): CallResultOf<M> {
  return checkWith<TSchema>(calls[method].response, result ?? {}, topic) as CallResultOf<M>;
}

export function isCallMethod(method: string): method is CallMethod {
  return Object.hasOwn(calls, method);
}

/** A message of ours with its meaning. */
export type Decoded =
  | { [K in Exclude<PayloadKind, 'preview'>]: { kind: K; device: string; payload: PayloadOf<K> } }[Exclude<
      PayloadKind,
      'preview'
    >]
  | { kind: 'preview'; device: string; camera: string; payload: Preview }
  | { [M in CallMethod]: { kind: 'call'; device: string; method: M; payload: CallRequestOf<M> } }[CallMethod];

/**
 * What arrived on a topic. InputError `topic-unknown` for a topic that is not ours, `call-unknown` for a method that
 * this version does not have, `payload-invalid` for bytes that do not fit; throws nothing else.
 */
export function decodeMessage(topic: string, bytes: Uint8Array): Decoded {
  const place = parseTopic(topic);
  if (place === undefined)
    throw new InputError(
      'topic-unknown',
      `${topic.slice(0, 200)} is no topic of goshawk/1.`,
      'It was ignored. Look who publishes there.',
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
