import {
  type DdsParticipantHandle,
  type DdsReaderHandle,
  loadDds,
  type Middleware,
} from '../../native/index.ts';
import {
  CdrReader,
  CdrWriter,
  ddsServiceTopics,
  ddsServiceTypes,
  qosProfiles,
  type ServiceType,
} from '../../src/ros2/index.ts';

/** Undefined where nothing was found in time. */
export async function within<Value>(
  found: () => Value | undefined,
  seconds: number,
): Promise<Value | undefined> {
  for (let tries = 0; tries < 40 * seconds && found() === undefined; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return found();
}

export interface DdsCall<Value> {
  readonly service: string;
  readonly type: ServiceType;
  readonly middleware: Middleware;
  /** The client's. */
  readonly participant: DdsParticipantHandle;
  readonly write: (request: CdrWriter) => void;
  readonly read: (answer: CdrReader) => Value;
}

/**
 * As a client of rmw_cyclonedds does it: two topics, with who asks and a number in front. Or of rmw_fastrtps: the guid of
 * its reader beside the request, and both beside the reply. Undefined where no answer came.
 */
export async function callOverDds<Value>(call: DdsCall<Value>): Promise<Value | undefined> {
  const { middleware, participant, type } = call;
  const inFront = middleware === 'cyclone';
  const addon = loadDds(middleware);
  const topics = ddsServiceTopics(call.service);
  const types = ddsServiceTypes(type);
  const common = { ...qosProfiles.standard, userData: '', maxBytes: 4096, queue: 10, maxBlockingMs: 0 };
  const answers: Value[] = [];
  let servers = 0;
  const reader: DdsReaderHandle = new addon.DdsReader(
    participant,
    { ...common, topic: topics.reply, type: types.response, identities: true },
    () => {
      const taken = reader.take();
      for (const { kind, count } of taken?.events ?? []) if (kind === 'matched') servers = count;
      for (const { id, bytes, related } of taken?.samples ?? []) {
        const answer = new CdrReader(bytes, type);
        const mine = inFront
          ? answer.uint64('client') === 77n && answer.uint64('sequence_number') === 5n
          : Buffer.compare(related ?? Buffer.of(), firstOf(reader.guid())) === 0;
        if (mine) answers.push(call.read(answer));
        reader.release(id);
      }
    },
  );
  const writer = new addon.DdsWriter(
    participant,
    { ...common, topic: topics.request, type: types.request },
    () => {},
  );
  // Fast DDS repeats an announcement that was missed after a second.
  await within(() => (servers > 0 && writer.matched() > 0 ? true : undefined), 20);
  const request = new CdrWriter();
  if (inFront) {
    request.uint64(77n);
    request.uint64(5n);
  }
  call.write(request);
  writer.write(request.finish(), inFront ? undefined : Buffer.concat([reader.guid(), Buffer.alloc(8)]));
  await within(() => answers[0], 20);
  reader.close();
  writer.close();
  return answers[0];
}

/** The first message of a writer belongs to this. */
const firstOf = (guid: Uint8Array) => Buffer.concat([guid, Buffer.of(0, 0, 0, 0, 0, 0, 0, 1)]);
