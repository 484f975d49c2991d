import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A message with its value in ROS's words, numbers of 64 bits as texts, and the bytes that a ROS 2 made of it. */
export interface RecordedMessage {
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly hex: string;
}

export const recordedFile = path.join(import.meta.dirname, 'jazzy.json');

export const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as {
  /** What wrote the bytes. */
  readonly origin: string;
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
  readonly messages: Readonly<Record<string, RecordedMessage>>;
};

/** The padding that a serializer may leave behind the last field, in hex. */
export function withoutPadding(hex: string, bytes: number): string {
  return /^(00){0,3}$/.test(hex.slice(2 * bytes)) ? hex.slice(0, 2 * bytes) : hex;
}
