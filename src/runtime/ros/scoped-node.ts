import type { RosEndpoint, RosNode } from '../../ros2/index.ts';

/**
 * A node whose topics and services can be given up together while the node itself stays in the graph: what a managed node
 * does when it is cleaned up.
 */
export class ScopedNode implements RosNode {
  readonly #node: RosNode;
  readonly #open = new Set<RosEndpoint>();

  constructor(node: RosNode) {
    this.#node = node;
  }

  get name() {
    return this.#node.name;
  }

  get carrier() {
    return this.#node.carrier;
  }

  get tellsLosses() {
    return this.#node.tellsLosses;
  }

  topic(name: string): string {
    return this.#node.topic(name);
  }

  subscribe(...args: Parameters<RosNode['subscribe']>): RosEndpoint {
    return this.#keep(this.#node.subscribe(...args));
  }

  advertise(...args: Parameters<RosNode['advertise']>): ReturnType<RosNode['advertise']> {
    return this.#keep(this.#node.advertise(...args));
  }

  serve: RosNode['serve'] = (service, type, answer) => this.#keep(this.#node.serve(service, type, answer));

  call: RosNode['call'] = (...args) => this.#node.call(...args);

  callForeign: RosNode['callForeign'] = (...args) => this.#node.callForeign(...args);

  servers(service: string) {
    return this.#node.servers(service);
  }

  largeMessageRisk(): string | undefined {
    return this.#node.largeMessageRisk();
  }

  publishers(topic: string) {
    return this.#node.publishers(topic);
  }

  neighbours() {
    return this.#node.neighbours();
  }

  lossCause(): string | undefined {
    return this.#node.lossCause();
  }

  /** The endpoints that were opened here; the node stays. */
  close(): void {
    for (const endpoint of [...this.#open]) endpoint.close();
  }

  /** One that is closed by itself is forgotten: a camera may come and go for years. */
  #keep<Endpoint extends RosEndpoint>(endpoint: Endpoint): Endpoint {
    const kept: Endpoint = {
      ...endpoint,
      close: () => {
        if (this.#open.delete(kept)) endpoint.close();
      },
    };
    this.#open.add(kept);
    return kept;
  }
}
