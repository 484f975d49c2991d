import {
  CdrReader,
  CdrWriter,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../src/ros2/index.ts';

/*
 * Requests and replies as rmw_cyclonedds_cpp sends them: who asks and a number, which the reply repeats, in front of the
 * message. rmw_fastrtps_cpp says the same beside the message instead, so that its clients and this service don't
 * understand each other; topics are not concerned.
 */

/** What pairs the two topics of a service, in the user data of both: 16 octets that no other service has. */
export function serviceId(participant: Uint8Array, number: number): string {
  const octets = [...participant.subarray(0, 12), 0, 0, number >> 8, number & 255];
  return `serviceid=${octets.map((octet) => octet.toString(16)).join('.')};`;
}

/** Throws for a request that can't be read and for one that `answer` throws for. */
export function answerRequest<Type extends ServiceType>(
  type: Type,
  bytes: Uint8Array,
  answer: (request: ServiceRequest<Type>) => ServiceResponse<Type>,
): Uint8Array {
  const reader = new CdrReader(bytes, type);
  const client = reader.uint64('client');
  const number = reader.uint64('sequence_number');
  const response = answer(readServiceRequest(type, reader));
  const writer = new CdrWriter({ littleEndian: reader.littleEndian });
  writer.uint64(client);
  writer.uint64(number);
  writeServiceResponse(type, writer, response);
  return writer.finish();
}
