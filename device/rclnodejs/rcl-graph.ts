import { describeError, type Log } from '../../src/base/index.ts';
import type { RclEndpoint, RclNode } from './load.ts';

/**
 * What rcl says of the graph. It refuses to where one node announces no name, which anybody in the domain can do, and a node of Jazzy
 * does to one of Humble. That is told once for each question, and ends nothing.
 */
export class RclGraph {
  readonly #node: RclNode;
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(node: RclNode, log: Log) {
    this.#node = node;
    this.#log = log;
  }

  names(): ReturnType<RclNode['getNodeNamesAndNamespaces']> {
    return this.ask('the names of its nodes', () => this.#node.getNodeNamesAndNamespaces(), []);
  }

  publishers(topic: string, plainDdsNames = false): readonly RclEndpoint[] {
    const ask = () => this.#node.getPublishersInfoByTopic(topic, plainDdsNames);
    return this.ask('the publishers of a topic', ask, []);
  }

  subscribers(topic: string, plainDdsNames = false): readonly RclEndpoint[] {
    const ask = () => this.#node.getSubscriptionsInfoByTopic(topic, plainDdsNames);
    return this.ask('the subscribers of a topic', ask, []);
  }

  /** Gives `otherwise` where it is refused. */
  ask<Answer>(what: string, question: () => Answer, otherwise: Answer): Answer {
    try {
      return question();
    } catch (error) {
      if (!this.#told.has(what)) {
        this.#told.add(what);
        this.#log.warn(
          'ROS 2 does not answer a question about its graph; Goshawk continues without the answer',
          {
            ...{ asked: what, reason: describeError(error) },
            remedy:
              'Look for a node without a name, and give each release of ROS 2 a separate ROS_DOMAIN_ID.',
          },
        );
      }
      return otherwise;
    }
  }
}
