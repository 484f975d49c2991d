import type { GoshawkError } from '../../src/base/index.ts';
import { incompatiblePolicy, incompatibleQos, type NodeName, type Qos } from '../../src/ros2/index.ts';
import type { RclEndpoint } from './load.ts';
import type { RclGraph } from './rcl-graph.ts';

/** An endpoint of ours whose peers are polled. */
export interface PolledEndpoint {
  readonly topic: string;
  readonly ours: 'publisher' | 'subscriber';
  readonly qos: Qos;
  /** Peers that are matched now. */
  readonly peers: () => number;
  readonly onPeers: (count: number) => void;
  /** Told once for a policy. */
  readonly onProblem: (problem: GoshawkError) => void;
}

const everyMs = 250;

/**
 * Polls the graph: rclnodejs 2.2 has events for matched and incompatible peers, but its package does
 * not export the classes that one must hand over to get them.
 */
export class GraphPoller {
  readonly #graph: RclGraph;
  readonly #name: NodeName;
  readonly #isShutdown: () => boolean;
  readonly #onNamesake: () => void;
  readonly #endpoints = new Map<PolledEndpoint, { peers: number; readonly told: Set<string> }>();
  readonly #timer: NodeJS.Timeout;
  #namesakeTold = false;

  /** `isShutdown`: a signal shuts rcl down before we are closed, and then nothing may be asked any more. */
  constructor(graph: RclGraph, name: NodeName, isShutdown: () => boolean, onNamesake: () => void) {
    this.#graph = graph;
    this.#name = name;
    this.#isShutdown = isShutdown;
    this.#onNamesake = onNamesake;
    this.#timer = setInterval(() => this.#poll(), everyMs);
    this.#timer.unref();
  }

  /** Gives what ends it. */
  add(endpoint: PolledEndpoint): () => void {
    this.#endpoints.set(endpoint, { peers: 0, told: new Set() });
    return () => this.#endpoints.delete(endpoint);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#endpoints.clear();
  }

  #poll(): void {
    if (this.#isShutdown()) {
      this.close();
      return;
    }
    for (const [endpoint, known] of this.#endpoints) {
      const peers = this.#graph.ask('how many others an endpoint has', endpoint.peers, known.peers);
      if (peers !== known.peers) {
        known.peers = peers;
        endpoint.onPeers(peers);
      }
      this.#compare(endpoint, known.told);
    }
    if (this.#namesakeTold) return;
    const { name, namespace } = this.#name;
    const same = this.#graph.names().filter((each) => each.name === name && each.namespace === namespace);
    if (same.length < 2) return;
    this.#namesakeTold = true;
    this.#onNamesake();
  }

  #compare({ topic, ours, qos, onProblem }: PolledEndpoint, told: Set<string>): void {
    const others = ours === 'subscriber' ? this.#graph.publishers(topic) : this.#graph.subscribers(topic);
    for (const other of others) {
      const theirs = qosOf(other, qos.depth);
      const policy =
        ours === 'subscriber' ? incompatiblePolicy(theirs, qos) : incompatiblePolicy(qos, theirs);
      if (policy === undefined || told.has(policy)) continue;
      told.add(policy);
      onProblem(incompatibleQos(topic, policy, ours));
    }
  }
}

/** From the numbers of rmw_qos_*_policy_e; a depth is not told over the wire. */
function qosOf({ qos_profile: { reliability, durability } }: RclEndpoint, depth: number): Qos {
  return {
    reliability: reliability === 1 ? 'reliable' : 'best_effort',
    durability: durability === 1 ? 'transient_local' : 'volatile',
    depth,
  };
}
