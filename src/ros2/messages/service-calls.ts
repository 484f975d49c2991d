import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readLabelled } from './lifecycle.ts';
import type { ServiceRequest, ServiceResponse } from './services.ts';

/** Services of other nodes that the fleet may call. */
export const callableServices = [
  'std_srvs/srv/Trigger',
  'std_srvs/srv/SetBool',
  'std_srvs/srv/Empty',
] as const;
/** Those, and what the agent asks by itself. */
export type CallableService = (typeof callableServices)[number] | 'lifecycle_msgs/srv/GetState';

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
};

export function writeServiceRequest<Type extends CallableService>(
  type: Type,
  writer: CdrWriter,
  request: ServiceRequest<Type>,
): void {
  codecs[type].writeRequest(writer, request);
}

export function readServiceResponse<Type extends CallableService>(
  type: Type,
  reader: CdrReader,
): ServiceResponse<Type> {
  return codecs[type].readResponse(reader);
}
