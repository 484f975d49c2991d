import type { TSchema } from '@sinclair/typebox';
import { CallResponse } from './calls.ts';
import { Desired, DeviceEvent, MetricsBatch, Reported, State } from './payloads.ts';
import { Preview } from './preview.ts';
import { SentResult } from './results.ts';
import type { Qos } from './transport.ts';
import type { Encoding } from './wire.ts';

/** One topic below `goshawk/1/<device>/`. */
export interface TopicRow {
  /** The side that publishes it; the other side subscribes. Other clients may do neither. */
  readonly from: 'device' | 'controller';
  /** `programs`: not for the other side, but for programs of the site that have an account at the broker. */
  readonly to?: 'programs';
  readonly qos: Qos;
  /** The broker keeps the newest. */
  readonly retained: boolean;
  /** Where the topic has one more level: its name. */
  readonly level?: string;
  /** Absent where the level decides. */
  readonly schema?: TSchema;
  readonly encoding: Encoding;
  /** Larger payloads are refused by both sides before a byte of them is parsed. */
  readonly maxBytes: number;
}

const kib = 1024;
const json = { encoding: 'json' } as const;
const cbor = { encoding: 'cbor' } as const;
/** Newest value, for whoever comes later. */
const kept = { qos: 1, retained: true } as const;
const once = { qos: 1, retained: false } as const;

/**
 * Every topic. Topics and their parser, the codec, what both sides subscribe to, and the access lists and settings of all
 * brokers are made from this table; `test/docs/broker.test.ts` compares deploy/broker and docs/mqtt.md with it.
 */
export const topicTable = {
  state: { from: 'device', ...kept, schema: State, ...json, maxBytes: 1024 * kib },
  metrics: { from: 'device', ...once, schema: MetricsBatch, ...cbor, maxBytes: 1024 * kib },
  events: { from: 'device', ...once, schema: DeviceEvent, ...json, maxBytes: 64 * kib },
  desired: { from: 'controller', ...kept, schema: Desired, ...json, maxBytes: 256 * kib },
  reported: { from: 'device', ...kept, schema: Reported, ...json, maxBytes: 256 * kib },
  call: { from: 'controller', ...once, level: 'method', ...json, maxBytes: 64 * kib },
  /** Answers to calls; below the device's own root, so that its access list needs no exception. */
  response: { from: 'device', ...once, schema: CallResponse, ...json, maxBytes: 256 * kib },
  /** Live pictures while somebody watches: never stored. */
  preview: {
    from: 'device',
    qos: 0,
    retained: false,
    level: 'camera',
    schema: Preview,
    ...cbor,
    maxBytes: 1200 * kib,
  },
  /** What a camera shows now, where the settings of the device have a stream `fleet`: never stored. */
  results: {
    from: 'device',
    to: 'programs',
    qos: 0,
    retained: false,
    level: 'camera',
    schema: SentResult,
    ...json,
    maxBytes: 256 * kib,
  },
} as const satisfies Record<string, TopicRow>;
