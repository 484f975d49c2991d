import type { CallCodec } from '../messages/service-calls.ts';
import { readMessage, writeMessage } from './message-codec.ts';
import type { ServiceShape } from './service-shape.ts';
import type { MessageStruct } from './value-kinds.ts';

/** A call of a service whose definition is not ours. `asked` is whole (request-check.ts). */
export function foreignCallCodec(
  { name, request, response }: ServiceShape,
  asked: MessageStruct,
): CallCodec<MessageStruct> {
  return {
    type: name,
    write: (writer) => writeMessage(writer, request.shape, asked),
    read: (reader) => readMessage(reader, response.shape),
  };
}
