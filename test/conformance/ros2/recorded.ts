import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CdrWriter,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../../src/ros2/index.ts';

/** A message with its value in ROS's words, numbers of 64 bits as texts, and the bytes that a ROS 2 made of it. */
export interface RecordedMessage {
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly hex: string;
}

/** What a ROS 2 wrote: by rmw in C, with hashes, states and wire; and by rclpy, messages alone. */
export const recordedFiles = ['jazzy.json', 'rclpy.json'].map((file) => path.join(import.meta.dirname, file));
const [jazzyFile = '', rclpyFile = ''] = recordedFiles;

export interface RecordedMessages {
  /** What wrote the bytes. */
  readonly origin: string;
  readonly messages: Readonly<Record<string, RecordedMessage>>;
}

export const recordedByRclpy = JSON.parse(readFileSync(rclpyFile, 'utf8')) as RecordedMessages;

export const recorded = JSON.parse(readFileSync(jazzyFile, 'utf8')) as RecordedMessages & {
  /** Of types and of what they are made of, as rosidl computed them. */
  readonly hashes: Readonly<Record<string, string>>;
  /** States with what is possible in them, and transitions, in their order. */
  readonly lifecycle: {
    readonly origin: string;
    readonly states: readonly {
      readonly id: number;
      readonly label: string;
      readonly transitions: readonly number[];
    }[];
    readonly transitions: readonly unknown[];
  };
  /** The announcement of a node with one client, and requests with what rmw writes in front of them. */
  readonly wire: Readonly<
    Record<'origin' | 'node' | 'getState' | 'changeState' | 'getTypeDescription', string>
  >;
};

export const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
export const bytesOf = (hex: string | undefined) => Uint8Array.from(Buffer.from(hex ?? '', 'hex'));

/** A value as it stands in the file: numbers of 64 bits as texts, lists as lists. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** Read, and written again. */
export const again =
  <Value>(read: (bytes: Uint8Array) => Value, write: (writer: CdrWriter, value: Value) => Uint8Array) =>
  (bytes: Uint8Array) =>
    write(new CdrWriter(), read(bytes));

export function response<Type extends ServiceType>(type: Type, value: ServiceResponse<Type>): Uint8Array {
  const writer = new CdrWriter();
  writer.reset();
  writeServiceResponse(type, writer, value);
  return writer.finish();
}

/** The padding that a serializer may leave behind the last field, in hex. */
export function withoutPadding(hex: string, bytes: number): string {
  return /^(00){0,3}$/.test(hex.slice(2 * bytes)) ? hex.slice(0, 2 * bytes) : hex;
}
