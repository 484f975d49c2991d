import { toBase64 } from '../../base/index.ts';
import { nothing } from '../messages/nothing.ts';
import type { MessageStruct, MessageValue } from './value-kinds.ts';

/**
 * A message as JSON, in the way of rosbridge: what is not finite is null, lists of octets are base64. Integers that JSON's numbers
 * don't hold exactly are text.
 */
export function messageJson(message: MessageStruct): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).flatMap(([name, value]) => (name === nothing ? [] : [[name, jsonOf(value)]])),
  );
}

function jsonOf(value: MessageValue): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return isExact(value) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  return typeof value === 'object' ? messageJson(value as MessageStruct) : value;
}

function isExact(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
