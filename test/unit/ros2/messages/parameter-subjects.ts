import fc from 'fast-check';
import {
  type NamedValue,
  type ParameterDescriptor,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
  readParameterEvent,
  writeParameterEvent,
} from '../../../../src/ros2/index.ts';
import { ascii, double, few, octets, rosTime, type Subject, stamps, text } from './subjects.ts';

/* Parameters as we write them, and as others send them. */

/** What is written as a parameter's value: one field is filled in, the others are empty. */
export const rosValue = (value: ParameterValue) => ({
  type: parameterTypeNumber(value.type),
  bool_value: value.type === 'bool' && value.value,
  integer_value: 0n,
  double_value: value.type === 'double' ? value.value : 0,
  string_value: '',
  byte_array_value: new Uint8Array(),
  bool_array_value: [],
  integer_array_value: new BigInt64Array(),
  double_array_value: new Float64Array(),
  string_array_value: value.type === 'string_array' ? value.value : [],
});
const rosParameter = ({ name, value }: NamedValue) => ({ name, value: rosValue(value) });

export const values: fc.Arbitrary<ParameterValue> = fc.oneof(
  fc.record({ type: fc.constant('bool' as const), value: fc.boolean() }),
  fc.record({ type: fc.constant('double' as const), value: double }),
  fc.record({ type: fc.constant('string_array' as const), value: few(text) }),
  fc.record({ type: fc.constantFrom('not_set' as const, 'integer' as const, 'byte_array' as const) }),
);
const named = fc.record({ name: text, value: values });

/** A parameter as others may send it: every field filled in, whatever its type says. */
const theirParameters = few(
  fc.record({
    name: ascii,
    value: fc.record({
      type: fc.nat({ max: 12 }),
      bool_value: fc.boolean(),
      integer_value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      double_value: double,
      string_value: ascii,
      byte_array_value: octets,
      bool_array_value: few(fc.boolean()),
      integer_array_value: fc.bigInt64Array({ maxLength: 3 }),
      double_array_value: fc.float64Array({ maxLength: 3 }),
      string_array_value: few(ascii),
    }),
  }),
);
type TheirParameters = typeof theirParameters extends fc.Arbitrary<infer Item> ? Item : never;

const asOurs = (parameters: TheirParameters): NamedValue[] =>
  parameters.map(({ name, value }) => {
    const type = parameterTypes[value.type] ?? 'not_set';
    if (type === 'bool') return { name, value: { type, value: value.bool_value } };
    if (type === 'double') return { name, value: { type, value: value.double_value } };
    if (type === 'string_array') return { name, value: { type, value: value.string_array_value } };
    const list = type.endsWith('_array') ? value[`${type}_value` as keyof typeof value] : undefined;
    const empty = (list as { length: number } | undefined)?.length === 0;
    return { name, value: empty ? { type, empty } : { type } };
  });

export const parameterEvent: Subject = {
  type: 'rcl_interfaces/msg/ParameterEvent',
  written: fc
    .record({ stampNs: stamps, node: text, added: few(named), changed: few(named) })
    .map((event) => ({
      by: (writer) => writeParameterEvent(writer, event),
      ros: {
        stamp: rosTime(event.stampNs),
        node: event.node,
        new_parameters: event.added.map(rosParameter),
        changed_parameters: event.changed.map(rosParameter),
        deleted_parameters: [],
      },
    })),
  read: {
    by: (bytes) => readParameterEvent(bytes),
    pairs: fc
      .tuple(stamps, ascii, theirParameters, theirParameters, theirParameters)
      .map(([stampNs, node, added, changed, deleted]) => ({
        ours: { stampNs, node, added: asOurs(added), changed: asOurs(changed) },
        ros: {
          stamp: rosTime(stampNs),
          node,
          new_parameters: added,
          changed_parameters: changed,
          deleted_parameters: deleted,
        },
      })),
  },
};

export const results = fc.record({ successful: fc.boolean(), reason: text });
export const asked = few(ascii).map((names) => ({ ours: { names }, ros: { names } }));
export const set = theirParameters.map((parameters) => ({
  ours: { parameters: asOurs(parameters) },
  ros: { parameters },
}));
export const descriptors: fc.Arbitrary<ParameterDescriptor> = fc.record(
  {
    name: text,
    type: fc.constantFrom(...parameterTypes),
    description: text,
    constraints: text,
    range: fc.record({ from: double, to: double }),
  },
  { requiredKeys: ['name', 'type', 'description'] },
);
