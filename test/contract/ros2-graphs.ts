import { DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { RclnodejsNode } from '../../device/rclnodejs/index.ts';
import { type DdsReaderHandle, ddsBuilt, loadDds, type Middleware } from '../../native/index.ts';
import { type Log, silentLog } from '../../src/base/index.ts';
import {
  CdrReader,
  CdrWriter,
  ddsServiceTopics,
  ddsServiceTypes,
  qosProfiles,
  type RosNode,
} from '../../src/ros2/index.ts';
import { ScopedNode } from '../../src/runtime/ros/scoped-node.ts';
import { FakeRosGraph } from '../fakes/fake-ros-graph.ts';

/** A graph that nodes of the adapter under test meet in, and a client that is not ours. */
export interface TestGraph {
  join(name: string, remap?: Readonly<Record<string, string>>, log?: Log): Promise<RosNode>;
  /** Calls a std_srvs/srv/SetBool; undefined where no answer came within a second. */
  setBool(service: string, data: boolean): Promise<{ success: boolean; message: string } | undefined>;
  close(): void;
}

export interface GraphKind {
  readonly name: string;
  /** The fake has no graph to look at. */
  readonly seesNamesakes: boolean;
  /** Why it can't be tested here. */
  readonly missing?: string;
  open(): Promise<TestGraph>;
}

const domain = '92';

async function within<Value>(found: () => Value | undefined, seconds = 1): Promise<Value | undefined> {
  for (let tries = 0; tries < 40 * seconds && found() === undefined; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return found();
}

const fake: GraphKind = {
  name: 'the fake',
  seesNamesakes: false,
  open: async () => {
    const graph = new FakeRosGraph();
    return {
      join: async (name, remap) => graph.join({ namespace: '/', name }, remap),
      setBool: (service, data) => graph.call(service, 'std_srvs/srv/SetBool', { data }),
      close: () => {},
    };
  },
};

const scoped: GraphKind = {
  name: 'a scope of the fake',
  seesNamesakes: false,
  open: async () => {
    const graph = await fake.open();
    return { ...graph, join: async (name, remap) => new ScopedNode(await graph.join(name, remap)) };
  },
};

const dds = (name: string, middleware: Middleware, addon: string): GraphKind => ({
  name,
  seesNamesakes: true,
  ...(ddsBuilt(middleware) ? {} : { missing: `${addon} is not built` }),
  open: async () => {
    const environment = rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware);
    return {
      join: async (node, remap = {}, log = silentLog) =>
        DdsNode.open({ middleware, environment, name: { namespace: '/', name: node }, remap, log }),
      setBool: (service, data) => callOverDds(service, data, environment.configuration, middleware),
      close: () => {},
    };
  },
});

/**
 * As a client of rmw_cyclonedds does it: two topics, with who asks and a number in front. Or of rmw_fastrtps: the guid of
 * its reader beside the request, and both beside the reply.
 */
async function callOverDds(service: string, data: boolean, configuration: string, middleware: Middleware) {
  const inFront = middleware === 'cyclone';
  const addon = loadDds(middleware);
  const participant = new addon.DdsParticipant({ domain: Number(domain), configuration, userData: '' });
  const topics = ddsServiceTopics(service);
  const types = ddsServiceTypes('std_srvs/srv/SetBool');
  const common = { ...qosProfiles.standard, userData: '', maxBytes: 4096, queue: 10, maxBlockingMs: 0 };
  const answers: { success: boolean; message: string }[] = [];
  let servers = 0;
  const reader: DdsReaderHandle = new addon.DdsReader(
    participant,
    { ...common, topic: topics.reply, type: types.response, identities: true },
    () => {
      const taken = reader.take();
      for (const { kind, count } of taken?.events ?? []) if (kind === 'matched') servers = count;
      for (const { id, bytes, related } of taken?.samples ?? []) {
        const answer = new CdrReader(bytes, 'std_srvs/srv/SetBool');
        const mine = inFront
          ? answer.uint64('client') === 77n && answer.uint64('sequence_number') === 5n
          : Buffer.compare(related ?? Buffer.of(), firstOf(reader.guid())) === 0;
        if (mine) answers.push({ success: answer.boolean('success'), message: answer.string('message') });
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
  await within(() => (servers > 0 && writer.matched() > 0 ? true : undefined), 5);
  const request = new CdrWriter();
  if (inFront) {
    request.uint64(77n);
    request.uint64(5n);
  }
  request.boolean(data);
  writer.write(request.finish(), inFront ? undefined : Buffer.concat([reader.guid(), Buffer.alloc(8)]));
  await within(() => answers[0]);
  reader.close();
  writer.close();
  participant.close();
  return answers[0];
}

/** The first message of a writer belongs to this. */
const firstOf = (guid: Uint8Array) => Buffer.concat([guid, Buffer.of(0, 0, 0, 0, 0, 0, 0, 1)]);

/** What rclnodejs calls a service with. */
interface RclClientNode {
  createClient(
    type: string,
    name: string,
  ): {
    waitForService(timeoutMs: number): Promise<boolean>;
    sendRequest(request: object, answer: (response: { success: boolean; message: string }) => void): void;
  };
}

const rclnodejs: GraphKind = {
  name: 'device/rclnodejs',
  seesNamesakes: true,
  ...(process.env.GOSHAWK_RCLNODEJS === undefined
    ? { missing: 'GOSHAWK_RCLNODEJS does not name an rclnodejs: there is no ROS 2 here' }
    : {}),
  open: async () => {
    const load = () => import(process.env.GOSHAWK_RCLNODEJS ?? '');
    const environment = { ...process.env, ROS_DOMAIN_ID: domain };
    const ros = ((await load()) as { default: RclModule }).default;
    const context = new ros.Context(BigInt(domain));
    await ros.init(context, []);
    const node = ros.createNode('client', '/', context);
    node.spin();
    return {
      join: (name, remap = {}, log = silentLog) =>
        RclnodejsNode.open({ environment, name: { namespace: '/', name }, remap, log, load }),
      setBool: async (service, data) => {
        const client = node.createClient('std_srvs/srv/SetBool', service);
        if (!(await client.waitForService(2000))) return undefined;
        let answer: { success: boolean; message: string } | undefined;
        client.sendRequest({ data }, (response) => {
          answer = response;
        });
        return within(() => answer);
      },
      close: () => {
        node.destroy();
        ros.shutdown(context);
      },
    };
  },
};

interface RclModule {
  readonly Context: new (domain: bigint) => object;
  init(context: object, argv: readonly string[]): Promise<void>;
  createNode(
    name: string,
    namespace: string,
    context: object,
  ): RclClientNode & { spin(): void; destroy(): void };
  shutdown(context: object): void;
}

export const graphKinds: readonly GraphKind[] = [
  fake,
  scoped,
  dds('device/dds', 'cyclone', 'goshawk_dds.node'),
  dds('device/dds over Fast DDS', 'fastdds', 'goshawk_fastdds.node'),
  rclnodejs,
];
