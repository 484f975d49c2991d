import { isDeepStrictEqual } from 'node:util';
import {
  CdrReader,
  CdrWriter,
  readDiagnostics,
  readParameterEvent,
  readParticipantEntities,
  readServiceRequest,
  type ServiceType,
  writeDiagnostics,
  writeParameterEvent,
  writeParticipantEntities,
  writeServiceResponse,
} from '../../../src/ros2/index.ts';
import * as library from './library-codecs.ts';

/* `npx tsx test/bench/ros2/library.ts`: our code for rare messages against rosmsg2-serialization, value to value. */

const rounds = 15;
const turns = 5000;

/** Microseconds of one call: the median of the rounds. */
function measure(act: () => unknown): number {
  for (let turn = 0; turn < 2 * turns; turn += 1) act();
  const times = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    for (let turn = 0; turn < turns; turn += 1) act();
    return Number(process.hrtime.bigint() - start) / turns / 1000;
  });
  return times.sort((a, b) => a - b)[(rounds - 1) / 2] ?? 0;
}

function compare(name: string, ours: () => unknown, theirs: () => unknown): void {
  const plain = (value: unknown) => (value instanceof Uint8Array ? Uint8Array.from(value) : value);
  if (!isDeepStrictEqual(plain(ours()), plain(theirs()))) throw new Error(`${name}: not the same`);
  // In turns, the better of two: other work runs beside it.
  const pairs = [0, 1].map(() => [measure(ours), measure(theirs)] as const);
  const own = Math.min(...pairs.map(([first]) => first));
  const other = Math.min(...pairs.map(([, last]) => last));
  console.log(`| ${name} | ${own.toFixed(1)} us | ${other.toFixed(1)} us | ${(other / own).toFixed(1)} |`);
}

const writer = new CdrWriter();
const header = { stampNs: 1_700_000_000_123_456_789n, frameId: 'cam' };
const statuses = Array.from({ length: 4 }, (_, at) => ({
  level: 0,
  name: `goshawk: cam${at}`,
  message: 'running',
  hardwareId: `cam${at}`,
  values: { model: 'street 1', fps: '29.97', lost: '0', 'p99 ms': '6.3', engine: 'native' },
}));
const parameters = [
  { name: 'enabled', value: { type: 'bool' as const, value: true } },
  { name: 'score_threshold', value: { type: 'double' as const, value: 0.25 } },
  { name: 'iou_threshold', value: { type: 'double' as const, value: 0.5 } },
  { name: 'classes', value: { type: 'string_array' as const, value: ['car', 'person', 'bicycle'] } },
];
const event = { stampNs: header.stampNs, node: '/goshawk', added: [], changed: parameters };
const guids = (count: number) => Array.from({ length: count }, (_, at) => new Uint8Array(16).fill(at));
const entities = {
  participant: new Uint8Array(16),
  nodes: [{ namespace: '/', name: 'goshawk', readers: guids(9), writers: guids(14) }],
};
const kept = (bytes: Uint8Array) => Uint8Array.from(bytes);
const request = (type: ServiceType, bytes: Uint8Array) =>
  readServiceRequest(type, new CdrReader(bytes, type));

console.log('| message | ours | library | ratio |\n|---|---|---|---|');
{
  const bytes = kept(writeDiagnostics(writer, header, statuses));
  const write = () => writeDiagnostics(writer, header, statuses);
  compare('DiagnosticArray, 4 cameras, written', write, () => library.writeDiagnostics(header, statuses));
  compare(
    '- read',
    () => readDiagnostics(bytes),
    () => library.readDiagnostics(bytes),
  );
}
{
  const bytes = kept(writeParameterEvent(writer, event));
  const write = () => writeParameterEvent(writer, event);
  compare('ParameterEvent, 4 parameters, written', write, () => library.writeParameterEvent(event));
  compare(
    '- read',
    () => readParameterEvent(bytes),
    () => library.readParameterEvent(bytes),
  );
}
{
  const bytes = kept(writeParticipantEntities(writer, entities, 16));
  const write = () => writeParticipantEntities(writer, entities, 16);
  compare('ParticipantEntitiesInfo, 23 endpoints, written', write, () =>
    library.writeParticipantEntities(entities),
  );
  compare(
    '- read',
    () => readParticipantEntities(bytes, 16),
    () => library.readParticipantEntities(bytes),
  );
}
{
  const values = parameters.map(({ value }) => value);
  const write = () => {
    writer.reset();
    writeServiceResponse('rcl_interfaces/srv/GetParameters', writer, { values });
    return writer.finish();
  };
  compare('GetParameters, response written', write, () => library.writeGetResponse(values));
}
{
  const names = library.writeGetRequest(['enabled', 'classes']);
  compare(
    '- request read',
    () => request('rcl_interfaces/srv/GetParameters', names),
    () => library.readGetRequest(names),
  );
  const set = library.writeSetRequest(parameters);
  compare(
    'SetParameters, 4 parameters, request read',
    () => request('rcl_interfaces/srv/SetParameters', set),
    () => library.readSetRequest(set),
  );
}

/* What no time says: a length that lies, and a text that is not ASCII. */
const pool = new TextEncoder().encode('................of-another-message');
pool.set([0, 1, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0], 0);
const lying = pool.subarray(0, 12);
const outcome = (act: () => unknown) => {
  try {
    return JSON.stringify(act());
  } catch (error) {
    return String(error);
  }
};
console.log('\nA message of 12 octets that says its one name has 22:');
console.log(`  ours: ${outcome(() => request('rcl_interfaces/srv/GetParameters', lying))}`);
console.log(`  library: ${outcome(() => library.readGetRequest(lying))}`);
console.log('"fahrrad-ü" through the library:');
console.log(`  ${outcome(() => library.readGetRequest(library.writeGetRequest(['fahrrad-ü'])))}`);
