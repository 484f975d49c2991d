import { join } from 'node:path';
import { RabbitmqProcess } from './rabbitmq-process.ts';
import type { OpenBroker } from './shared-database.ts';
import { TcpBalancer } from './tcp-balancer.ts';

/** Three nodes of RabbitMQ on this machine behind one address for MQTT and one for AMQP. */
export class RabbitmqCluster implements OpenBroker {
  readonly nodes: readonly RabbitmqProcess[];
  readonly #mqtt: TcpBalancer;
  readonly #amqp: TcpBalancer;

  private constructor(nodes: readonly RabbitmqProcess[], mqtt: TcpBalancer, amqp: TcpBalancer) {
    this.nodes = nodes;
    this.#mqtt = mqtt;
    this.#amqp = amqp;
  }

  static async start(folder: string): Promise<RabbitmqCluster> {
    const nodes = await RabbitmqProcess.openCluster(join(folder, 'rabbitmq'), 3);
    const mqtt = await TcpBalancer.start(nodes.map(({ url }) => Number(new URL(url).port)));
    return new RabbitmqCluster(nodes, mqtt, await TcpBalancer.start(nodes.map(({ amqpPort }) => amqpPort)));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#mqtt.port}`;
  }

  get amqpPort(): number {
    return this.#amqp.port;
  }

  async close(): Promise<void> {
    this.#mqtt.close();
    this.#amqp.close();
    for (const node of this.nodes) await node.end();
  }
}
