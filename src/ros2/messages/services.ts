import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type GoshawkServices, goshawkServiceCodecs } from './goshawk-services.ts';
import {
  type LifecycleState,
  readLabelled,
  type Transition,
  type TransitionDescription,
  writeLabelled,
  writeTransitionDescription,
} from './lifecycle.ts';
import {
  type ParameterDescriptor,
  type ParameterValue,
  readParameter,
  writeParameterDescriptor,
  writeParameterValue,
} from './parameter-messages.ts';
import type { IndividualTypeDescription, TypeDescription } from './type-description.ts';

/** std_srvs, rcl_interfaces and lifecycle_msgs, as far as they are served. Field names are those of the .srv files. */
interface Services extends GoshawkServices {
  'std_srvs/srv/Trigger': {
    request: Nothing;
    response: { readonly success: boolean; readonly message: string };
  };
  'std_srvs/srv/Empty': {
    request: Nothing;
    response: Nothing;
  };
  'std_srvs/srv/SetBool': {
    request: { readonly data: boolean };
    response: { readonly success: boolean; readonly message: string };
  };
  'rcl_interfaces/srv/GetParameters': {
    request: { readonly names: readonly string[] };
    response: { readonly values: readonly ParameterValue[] };
  };
  'rcl_interfaces/srv/GetParameterTypes': {
    request: { readonly names: readonly string[] };
    response: { readonly types: readonly number[] };
  };
  'rcl_interfaces/srv/SetParameters': {
    request: { readonly parameters: readonly NamedValue[] };
    response: { readonly results: readonly SetResult[] };
  };
  'rcl_interfaces/srv/SetParametersAtomically': {
    request: { readonly parameters: readonly NamedValue[] };
    response: { readonly result: SetResult };
  };
  'rcl_interfaces/srv/DescribeParameters': {
    request: { readonly names: readonly string[] };
    response: { readonly descriptors: readonly ParameterDescriptor[] };
  };
  'rcl_interfaces/srv/ListParameters': {
    request: { readonly prefixes: readonly string[]; readonly depth: number };
    response: {
      readonly result: { readonly names: readonly string[]; readonly prefixes: readonly string[] };
    };
  };
  'type_description_interfaces/srv/GetTypeDescription': {
    request: { readonly typeName: string; readonly typeHash: string };
    response: {
      readonly successful: boolean;
      readonly reason: string;
      readonly description?: TypeDescription | undefined;
    };
  };
  'lifecycle_msgs/srv/ChangeState': {
    request: { readonly transition: Transition };
    response: { readonly success: boolean };
  };
  'lifecycle_msgs/srv/GetState': {
    request: Nothing;
    response: { readonly state: LifecycleState };
  };
  'lifecycle_msgs/srv/GetAvailableStates': {
    request: Nothing;
    response: { readonly states: readonly LifecycleState[] };
  };
  'lifecycle_msgs/srv/GetAvailableTransitions': {
    request: Nothing;
    response: { readonly transitions: readonly TransitionDescription[] };
  };
}

/** On the wire it is one octet: IDL knows no empty struct. */
type Nothing = Readonly<Record<string, never>>;

export interface NamedValue {
  readonly name: string;
  readonly value: ParameterValue;
}

export interface SetResult {
  readonly successful: boolean;
  readonly reason: string;
}

export type ServiceType = keyof Services;
export type ServiceRequest<Type extends ServiceType> = Services[Type]['request'];
export type ServiceResponse<Type extends ServiceType> = Services[Type]['response'];

interface Codec<Type extends ServiceType> {
  readRequest(reader: CdrReader): ServiceRequest<Type>;
  writeResponse(writer: CdrWriter, response: ServiceResponse<Type>): void;
}

const nothing = (reader: CdrReader): Nothing => {
  reader.uint8('structure_needs_at_least_one_member');
  return {};
};
const names = (reader: CdrReader) => ({ names: readList(reader, 'names', (name) => reader.string(name)) });
const parameters = (reader: CdrReader) => ({
  parameters: readList(reader, 'parameters', () => readParameter(reader)),
});

const codecs: { readonly [Type in ServiceType]: Codec<Type> } = {
  ...goshawkServiceCodecs,
  'std_srvs/srv/Trigger': {
    readRequest: nothing,
    writeResponse: (writer, { success, message }) => writeResult(writer, success, message),
  },
  'std_srvs/srv/Empty': { readRequest: nothing, writeResponse: (writer) => writer.uint8(0) },
  'std_srvs/srv/SetBool': {
    readRequest: (reader) => ({ data: reader.boolean('data') }),
    writeResponse: (writer, { success, message }) => writeResult(writer, success, message),
  },
  'rcl_interfaces/srv/GetParameters': {
    readRequest: names,
    writeResponse: (writer, { values }) => writeList(writer, values, writeParameterValue),
  },
  'rcl_interfaces/srv/GetParameterTypes': {
    readRequest: names,
    writeResponse: (writer, { types }) => writer.octets(Uint8Array.from(types)),
  },
  'rcl_interfaces/srv/SetParameters': {
    readRequest: parameters,
    writeResponse: (writer, { results }) =>
      writeList(writer, results, (to, { successful, reason }) => writeResult(to, successful, reason)),
  },
  'rcl_interfaces/srv/SetParametersAtomically': {
    readRequest: parameters,
    writeResponse: (writer, { result }) => writeResult(writer, result.successful, result.reason),
  },
  'rcl_interfaces/srv/DescribeParameters': {
    readRequest: names,
    writeResponse: (writer, { descriptors }) => writeList(writer, descriptors, writeParameterDescriptor),
  },
  'rcl_interfaces/srv/ListParameters': {
    readRequest: (reader) => ({
      prefixes: readList(reader, 'prefixes', (name) => reader.string(name)),
      depth: Number(reader.uint64('depth')),
    }),
    writeResponse: (writer, { result }) => {
      writeList(writer, result.names, writeText);
      writeList(writer, result.prefixes, writeText);
    },
  },
  'type_description_interfaces/srv/GetTypeDescription': {
    readRequest: (reader) => {
      const request = { typeName: reader.string('type_name'), typeHash: reader.string('type_hash') };
      reader.boolean('include_type_sources');
      return request;
    },
    writeResponse: (writer, { successful, reason, description }) => {
      writeResult(writer, successful, reason);
      writeType(writer, description?.type_description ?? { type_name: '', fields: [] });
      writeList(writer, description?.referenced_type_descriptions ?? [], writeType);
      // Sources of the type, and further information.
      writer.uint32(0);
      writer.uint32(0);
    },
  },
  'lifecycle_msgs/srv/ChangeState': {
    readRequest: (reader) => ({ transition: readLabelled(reader, 'transition') }),
    writeResponse: (writer, { success }) => writer.boolean(success),
  },
  'lifecycle_msgs/srv/GetState': {
    readRequest: nothing,
    writeResponse: (writer, { state }) => writeLabelled(writer, state),
  },
  'lifecycle_msgs/srv/GetAvailableStates': {
    readRequest: nothing,
    writeResponse: (writer, { states }) => writeList(writer, states, writeLabelled),
  },
  'lifecycle_msgs/srv/GetAvailableTransitions': {
    readRequest: nothing,
    writeResponse: (writer, { transitions }) => writeList(writer, transitions, writeTransitionDescription),
  },
};

export function readServiceRequest<Type extends ServiceType>(
  type: Type,
  reader: CdrReader,
): ServiceRequest<Type> {
  return codecs[type].readRequest(reader);
}

export function writeServiceResponse<Type extends ServiceType>(
  type: Type,
  writer: CdrWriter,
  response: ServiceResponse<Type>,
): void {
  codecs[type].writeResponse(writer, response);
}

export function readList<Item>(reader: CdrReader, field: string, read: (field: string) => Item): Item[] {
  // A string takes four octets at least, a parameter more.
  const count = reader.sequence(field, 4);
  return Array.from({ length: count }, (_, index) => read(`${field}[${index}]`));
}

function writeList<Item>(
  writer: CdrWriter,
  items: readonly Item[],
  write: (writer: CdrWriter, item: Item) => void,
): void {
  writer.uint32(items.length);
  for (const item of items) write(writer, item);
}

function writeText(writer: CdrWriter, text: string): void {
  writer.string(text);
}

function writeType(writer: CdrWriter, { type_name: name, fields }: IndividualTypeDescription): void {
  writer.string(name);
  writeList(writer, fields, (to, field) => {
    to.string(field.name);
    to.uint8(field.type.type_id);
    to.uint64(BigInt(field.type.capacity));
    to.uint64(BigInt(field.type.string_capacity));
    to.string(field.type.nested_type_name);
    // A default.
    to.string('');
  });
}

function writeResult(writer: CdrWriter, good: boolean, words: string): void {
  writer.boolean(good);
  writer.string(words);
}
