import { afterEach, it } from 'vitest';
import { actionPromises } from './ros-node/actions.ts';
import { bridgePromises } from './ros-node/bridge.ts';
import { picturePromises } from './ros-node/pictures.ts';
import { rulesPromises } from './ros-node/rules.ts';
import { servicePromises } from './ros-node/services.ts';
import { topicPromises } from './ros-node/topics.ts';
import { transformPromises } from './ros-node/transforms.ts';
import type { GraphKind, TestGraph } from './ros2-graphs.ts';
import { suite } from './suite.ts';

/** What sources, sinks and services expect of any node of the ROS 2 graph. */
export function describeRosNode({ name, missing, seesNamesakes, open }: GraphKind): void {
  suite(`A node of the graph through ${name}`, missing, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    const join = async (graph: TestGraph, node: string, remap?: Readonly<Record<string, string>>) => {
      const joined = await graph.join(node, remap);
      closing.push(() => joined.close());
      return joined;
    };
    const start = async () => {
      const graph = await open();
      closing.push(() => graph.close());
      return graph;
    };
    const contract = (what: string, run: (graph: TestGraph) => Promise<void>) =>
      it(what, async () => run(await start()));
    const scene = { contract, join, closing, seesNamesakes };
    topicPromises(scene);
    actionPromises(scene);
    picturePromises(scene);
    transformPromises(scene);
    rulesPromises(scene);
    servicePromises(scene);
    bridgePromises(scene);
  });
}
