import { DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { RclnodejsNode } from '../../device/rclnodejs/index.ts';
import { ddsBuilt, loadDds, type Middleware } from '../../native/index.ts';
import { type Log, silentLog } from '../../src/base/index.ts';
import type { RosNode } from '../../src/ros2/index.ts';
import { ScopedNode } from '../../src/runtime/ros/scoped-node.ts';
import { FakeRosGraph } from '../fakes/fake-ros-graph.ts';
import { callOverDds, within } from './dds-call.ts';
import {
  type CdrCall,
  cdrSwapClient,
  fakeSwapClient,
  type RclActionClient,
  rclSwapClient,
  type SwapClient,
} from './swap-clients.ts';

/** A graph that nodes of the adapter under test meet in, and a client that is not ours. */
export interface TestGraph {
  join(name: string, remap?: Readonly<Record<string, string>>, log?: Log): Promise<RosNode>;
  /** Calls a std_srvs/srv/SetBool; undefined where no answer came. */
  setBool(service: string, data: boolean): Promise<{ success: boolean; message: string } | undefined>;
  /** Of goshawk_msgs/action/SwapModel, by the action's full name. */
  swapClient(action: string): SwapClient;
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

const fake: GraphKind = {
  name: 'the fake',
  seesNamesakes: false,
  open: async () => {
    const graph = new FakeRosGraph();
    return {
      join: async (name, remap) => graph.join({ namespace: '/', name }, remap),
      setBool: (service, data) => graph.call(service, 'std_srvs/srv/SetBool', { data }),
      swapClient: (action) => fakeSwapClient(graph, action),
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
    const { configuration } = environment;
    const addon = loadDds(middleware);
    const participant = new addon.DdsParticipant({ domain: Number(domain), configuration, userData: '' });
    const where = { middleware, participant };
    const call: CdrCall = (service, type, write, read) =>
      callOverDds({ ...where, service, type, write, read });
    return {
      join: async (node, remap = {}, log = silentLog) =>
        DdsNode.open({ middleware, environment, name: { namespace: '/', name: node }, remap, log }),
      setBool: (service, data) =>
        callOverDds({
          ...{ ...where, service, type: 'std_srvs/srv/SetBool' as const },
          write: (request) => request.boolean(data),
          read: (answer) => ({ success: answer.boolean('success'), message: answer.string('message') }),
        }),
      swapClient: (action) => cdrSwapClient(call, action),
      close: () => participant.close(),
    };
  },
});

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
        if (!(await client.waitForService(20_000))) return undefined;
        let answer: { success: boolean; message: string } | undefined;
        client.sendRequest({ data }, (response) => {
          answer = response;
        });
        return within(() => answer, 20);
      },
      swapClient: (action) =>
        rclSwapClient(new ros.ActionClient(node, 'goshawk_msgs/action/SwapModel', action)),
      close: () => {
        node.destroy();
        ros.shutdown(context);
      },
    };
  },
};

interface RclModule {
  readonly Context: new (domain: bigint) => object;
  readonly ActionClient: new (node: object, type: string, action: string) => RclActionClient;
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
