import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readLabelled } from './lifecycle.ts';
import { readList, type ServiceRequest, type ServiceResponse } from './services.ts';
import type { IndividualTypeDescription } from './type-description.ts';

/** Services of other nodes that the fleet may call. */
export const callableServices = [
  'std_srvs/srv/Trigger',
  'std_srvs/srv/SetBool',
  'std_srvs/srv/Empty',
] as const;
/** Those, and what the agent asks by itself. */
export type CallableService =
  | (typeof callableServices)[number]
  | 'lifecycle_msgs/srv/GetState'
  | 'type_description_interfaces/srv/GetTypeDescription';

interface ClientCodec<Type extends CallableService> {
  writeRequest(writer: CdrWriter, request: ServiceRequest<Type>): void;
  readResponse(reader: CdrReader): ServiceResponse<Type>;
}

const readResult = (reader: CdrReader) => ({
  success: reader.boolean('success'),
  message: reader.string('message'),
});
const writeNothing = (writer: CdrWriter) => writer.uint8(0);

const codecs: { readonly [Type in CallableService]: ClientCodec<Type> } = {
  'std_srvs/srv/Trigger': { writeRequest: writeNothing, readResponse: readResult },
  'std_srvs/srv/SetBool': {
    writeRequest: (writer, { data }) => writer.boolean(data),
    readResponse: readResult,
  },
  'std_srvs/srv/Empty': {
    writeRequest: writeNothing,
    readResponse: (reader) => {
      reader.uint8('structure_needs_at_least_one_member');
      return {};
    },
  },
  'lifecycle_msgs/srv/GetState': {
    writeRequest: writeNothing,
    readResponse: (reader) => ({ state: readLabelled(reader, 'current_state') }),
  },
  'type_description_interfaces/srv/GetTypeDescription': {
    writeRequest: (writer, { typeName, typeHash }) => {
      writer.string(typeName);
      writer.string(typeHash);
      // Not the texts of the files.
      writer.boolean(false);
    },
    readResponse: (reader) => ({
      ...{ successful: reader.boolean('successful'), reason: reader.string('failure_reason') },
      description: {
        type_description: readType(reader, 'type_description'),
        referenced_type_descriptions: readList(reader, 'referenced_type_descriptions', (field) =>
          readType(reader, field),
        ),
      },
    }),
  },
};

/** type_description_interfaces/msg/IndividualTypeDescription. */
function readType(reader: CdrReader, at: string): IndividualTypeDescription {
  return {
    type_name: reader.string(`${at}.type_name`),
    fields: readList(reader, `${at}.fields`, (field) => {
      const name = reader.string(`${field}.name`);
      const type = {
        type_id: reader.uint8(`${field}.type_id`),
        capacity: Number(reader.uint64(`${field}.capacity`)),
        string_capacity: Number(reader.uint64(`${field}.string_capacity`)),
        nested_type_name: reader.string(`${field}.nested_type_name`),
      };
      reader.string(`${field}.default_value`);
      return { name, type };
    }),
  };
}

/** One call: how its request is written, and its answer read. */
export interface CallCodec<Answer> {
  readonly type: string;
  write(writer: CdrWriter): void;
  read(reader: CdrReader): Answer;
}

export function callCodec<Type extends CallableService>(
  type: Type,
  request: ServiceRequest<Type>,
): CallCodec<ServiceResponse<Type>> {
  const { writeRequest, readResponse } = codecs[type];
  return { type, write: (writer) => writeRequest(writer, request), read: readResponse };
}
