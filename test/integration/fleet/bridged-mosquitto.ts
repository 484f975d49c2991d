import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePort } from '../../contract/brokers.ts';
import { inOrder } from '../../contract/several-servers.ts';
import type { BrokerAccess, FleetBroker } from './brokers.ts';
import { eventually, Program } from './program.ts';

/**
 * Two Mosquittos with a bridge for all of Goshawk in both directions, as docs/brokers.md has it, or without one; open to
 * this machine.
 */
export class BridgedMosquitto implements FleetBroker {
  readonly #folder: string;
  readonly #isBridged: boolean;
  readonly #ports: number[] = [];
  readonly #nodes = new Map<number, Program>();

  constructor(folder: string, { isBridged = true } = {}) {
    this.#isBridged = isBridged;
    this.#folder = join(folder, 'bridged');
    mkdirSync(this.#folder);
  }

  async start(): Promise<void> {
    this.#ports.push(await freePort(), await freePort());
    for (const at of [0, 1]) await this.begin(at);
  }

  async stop(): Promise<void> {
    for (const at of this.#nodes.keys()) await this.kill(at);
  }

  async begin(at: number): Promise<void> {
    const [first = 0] = this.#ports;
    const port = this.#ports[at] ?? 0;
    const lines = [
      ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false'],
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...(at === 0 || !this.#isBridged
        ? []
        : [
            ...['connection first', `address 127.0.0.1:${first}`, 'topic goshawk/# both 1'],
            ...['bridge_protocol_version mqttv50', 'notifications false', 'restart_timeout 1'],
          ]),
    ];
    const file = join(this.#folder, `${at}.conf`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    const node = Program.other('mosquitto', ['-c', file]);
    this.#nodes.set(at, node);
    await eventually('Mosquitto listens', async () => !node.alive || (await answers(port)));
    if (!node.alive) throw new Error(`Mosquitto ended: ${node.stderr}`);
  }

  async kill(at: number): Promise<void> {
    await this.#nodes.get(at)?.end('SIGKILL');
  }

  /** The controller prefers the first node, and devices the second. */
  access(name: string): BrokerAccess {
    const all = this.#ports.map((port) => `mqtt://127.0.0.1:${port}`);
    const [url = '', ...servers] = inOrder(name, name === 'controller' ? all : all.reverse());
    return { url, servers };
  }

  badAccess(name: string): BrokerAccess {
    return this.access(name);
  }
}
