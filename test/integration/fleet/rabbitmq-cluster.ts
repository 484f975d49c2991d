import { join } from 'node:path';
import { RabbitmqProcess } from './rabbitmq-process.ts';
import type { OpenBroker } from './shared-database.ts';

/** Three nodes of RabbitMQ on this machine, each with its address for MQTT and for AMQP. */
export class RabbitmqCluster implements OpenBroker {
  readonly nodes: readonly RabbitmqProcess[];

  private constructor(nodes: readonly RabbitmqProcess[]) {
    this.nodes = nodes;
  }

  static async start(folder: string): Promise<RabbitmqCluster> {
    return new RabbitmqCluster(await RabbitmqProcess.openCluster(join(folder, 'rabbitmq'), 3));
  }

  get url(): string {
    return this.nodes[0]?.url ?? '';
  }

  get servers(): readonly string[] {
    return this.nodes.slice(1).map(({ url }) => url);
  }

  /** As settings have them. */
  get amqp(): { readonly url: string; readonly servers: readonly string[] } {
    const [url = '', ...servers] = this.nodes.map(({ amqpPort }) => `amqp://127.0.0.1:${amqpPort}`);
    return { url, servers };
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.end();
  }
}
