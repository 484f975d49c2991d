import { expect } from 'vitest';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import {
  CdrWriter,
  type MessageType,
  type Qos,
  qosProfiles,
  type RosNode,
  writeCompressedImage,
} from '../../../src/ros2/index.ts';
import type { TestGraph } from '../ros2-graphs.ts';

/** What the promises of a node are tried with. */
export interface RosScene {
  readonly contract: (what: string, run: (graph: TestGraph) => Promise<void>) => void;
  /** A node of the graph that leaves at the end. */
  readonly join: (
    graph: TestGraph,
    node: string,
    remap?: Readonly<Record<string, string>>,
  ) => Promise<RosNode>;
  /** What is closed at the end, the last first. */
  readonly closing: (() => unknown)[];
  readonly seesNamesakes: boolean;
}

export const clock = new SystemClock();
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(condition()).toBe(true);
}

/** A node that keeps what comes on a topic. */
export function listen(node: RosNode, topic: string, type: MessageType, qos: Qos = qosProfiles.standard) {
  const heard = { messages: [] as Uint8Array[], publishers: 0, tooLarge: 0, problems: [] as string[] };
  node.subscribe({
    topic,
    type,
    qos,
    maxBytes: 1 << 20,
    queue: 10,
    onMessage: ({ bytes, release }) => {
      heard.messages.push(Uint8Array.from(bytes));
      release();
    },
    onPublishers: (count) => {
      heard.publishers = count;
    },
    onLosses: ({ tooLarge }) => {
      heard.tooLarge = tooLarge;
    },
    onProblem: (problem) => heard.problems.push(problem.explain()),
  });
  return heard;
}

export const header = { stampNs: 1_000_000_000n, frameId: 'optical' };
export const picture = (stampNs: bigint, value: number) => ({
  header: { stampNs, frameId: 'optical' },
  width: 4,
  height: 2,
  encoding: 'rgb8',
  isBigendian: false,
  step: 12,
  data: new Uint8Array(24).fill(value),
});
export const compressed = (first: number) =>
  writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data: Uint8Array.of(first, 2, 3) });

export const identity = {
  model: 'street',
  version: '1',
  digest: `sha256:${'1'.repeat(64)}`,
  engine: 'none',
  precision: 'fp32',
  labels: [],
  inputWidth: 1,
  inputHeight: 1,
};
