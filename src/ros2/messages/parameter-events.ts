import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readTime, writeTime } from './header.ts';
import { readParameter, writeParameterValue } from './parameter-messages.ts';
import type { NamedValue } from './services.ts';

/** rcl_interfaces/msg/ParameterEvent. No parameter of ours is ever deleted. */
export interface ParameterEvent {
  readonly stampNs: bigint;
  /** Full name of the node. */
  readonly node: string;
  readonly added: readonly NamedValue[];
  readonly changed: readonly NamedValue[];
}

export function writeParameterEvent(writer: CdrWriter, event: ParameterEvent): Uint8Array {
  writer.reset();
  writeTime(writer, event.stampNs);
  writer.string(event.node);
  for (const parameters of [event.added, event.changed, []]) {
    writer.uint32(parameters.length);
    for (const { name, value } of parameters) {
      writer.string(name);
      writeParameterValue(writer, value);
    }
  }
  return writer.finish();
}

export function readParameterEvent(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): ParameterEvent {
  const reader = new CdrReader(bytes, 'rcl_interfaces/msg/ParameterEvent', limits);
  const stampNs = readTime(reader, 'stamp');
  const node = reader.string('node');
  const parameters = (field: string) => {
    const count = reader.sequence(field, smallestParameter);
    return Array.from({ length: count }, () => readParameter(reader));
  };
  const event = {
    stampNs,
    node,
    added: parameters('new_parameters'),
    changed: parameters('changed_parameters'),
  };
  parameters('deleted_parameters');
  return event;
}

/** Bytes that a parameter has at least: lengths, type and the numbers of its value. */
const smallestParameter = 40;
