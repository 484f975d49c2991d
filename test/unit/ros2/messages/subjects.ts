import fc from 'fast-check';
import {
  CdrReader,
  type CdrWriter,
  type Header,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../../../src/ros2/index.ts';

/* What messages are compared with: values of ours, and the same in ROS's words (oracle.test.ts). */

export const text = fc.string({ unit: 'grapheme', maxLength: 9 }).filter((each) => !each.includes('\0'));
/** The library's writer (cdr 3.5.0) cuts off texts that are not ASCII: it counts UTF-16 units as octets. */
export const ascii = fc
  .string({ unit: 'grapheme-ascii', maxLength: 9 })
  .filter((each) => !each.includes('\0'));
export const double = fc.double();
export const float = fc.float();
export const uint32 = fc.nat({ max: 0xffff_ffff });
export const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
export const octets = fc.uint8Array({ maxLength: 20 });
export const few = <Item>(item: fc.Arbitrary<Item>, maxLength = 3) => fc.array(item, { maxLength });
export const stamps = fc.bigInt({
  min: -(2n ** 31n) * 1_000_000_000n,
  max: (2n ** 31n - 1n) * 1_000_000_000n,
});
export const headers = (string: fc.Arbitrary<string>) => fc.record({ stampNs: stamps, frameId: string });

export const second = 1_000_000_000n;
export const rosTime = (ns: bigint) => {
  const nanosec = ((ns % second) + second) % second;
  return { sec: Number((ns - nanosec) / second), nanosec: Number(nanosec) };
};
export const rosHeader = ({ stampNs, frameId }: Header) => ({ stamp: rosTime(stampNs), frame_id: frameId });

/** A value of ours and what it is in ROS's words. */
export interface Pair {
  readonly ours: unknown;
  readonly ros: unknown;
}

export interface Subject {
  /** The message, or the service's message, that its definition belongs to. */
  readonly type: string;
  /** Where the definition is another than the one of Jazzy. */
  readonly change?: (text: string) => string;
  readonly label?: string;
  readonly written?: fc.Arbitrary<{ readonly ros: unknown; readonly by: (writer: CdrWriter) => void }>;
  readonly read?: { readonly pairs: fc.Arbitrary<Pair>; readonly by: (bytes: Uint8Array) => unknown };
}

/** A message that we read and write, whose value of ours holds all of it. */
export function both<Value>(
  type: string,
  value: (string: fc.Arbitrary<string>) => fc.Arbitrary<Value>,
  toRos: (value: Value) => unknown,
  write: (writer: CdrWriter, value: Value) => void,
  read: (bytes: Uint8Array) => unknown,
): Subject {
  return {
    type,
    written: value(text).map((ours) => ({ ros: toRos(ours), by: (writer) => write(writer, ours) })),
    read: { pairs: value(ascii).map((ours) => ({ ours, ros: toRos(ours) })), by: read },
  };
}

/** A service: its requests are read, its responses written. */
export function service<Type extends ServiceType>(
  type: Type,
  requests: fc.Arbitrary<{ readonly ours: ServiceRequest<Type>; readonly ros: unknown }>,
  responses: fc.Arbitrary<ServiceResponse<Type>>,
  toRos: (response: ServiceResponse<Type>) => unknown,
): Subject[] {
  return [
    {
      type: `${type}_Request`,
      read: { pairs: requests, by: (bytes) => readServiceRequest(type, new CdrReader(bytes, type)) },
    },
    {
      type: `${type}_Response`,
      written: responses.map((ours) => ({
        ros: toRos(ours),
        by: (writer) => writeServiceResponse(type, writer, ours),
      })),
    },
  ];
}

/** Our own messages have the names of the .msg file in camelCase. */
export function snakeCase({ header, ...rest }: { readonly header: Header }) {
  const fields = Object.entries(rest).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { header: rosHeader(header), ...Object.fromEntries(fields) };
}
