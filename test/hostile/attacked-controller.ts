import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Role } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { eventually } from '../integration/fleet/program.ts';
import type { WitnessReport } from './witness-process.ts';

const honest = 'cam-1';
const idleMs = 4_000;

/** `goshawk controller` as a process with a broker, some devices that are only known, and a witness beside each attack. */
export class AttackedController {
  readonly fleet: TestFleet;
  readonly tokens = {} as Record<Role, string>;
  readonly #witness: ChildProcess;
  readonly #devices: MqttjsTransport;
  #idle: WitnessReport | undefined;

  private constructor(fleet: TestFleet, devices: MqttjsTransport) {
    this.fleet = fleet;
    this.#devices = devices;
    this.#witness = fork(fileURLToPath(new URL('./witness-process.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx'],
    });
  }

  static async open(
    devices: number,
    settings: Readonly<Record<string, unknown>> = {},
    prepare: (fleet: TestFleet) => void = () => {},
  ): Promise<AttackedController> {
    const [aedes] = brokerKinds;
    if (aedes === undefined) throw new Error('There is no broker to test with.');
    const fleet = await TestFleet.open(aedes);
    prepare(fleet);
    await fleet.broker.start();
    await fleet.startController(settings);
    const { url, username = '', passwordFile = '' } = fleet.broker.access('stranger');
    const password = readFileSync(passwordFile, 'utf8').trim();
    const transport = new MqttjsTransport(
      { url, clientId: username, username, password },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    const attacked = new AttackedController(fleet, transport);
    transport.start();
    await eventually('the other devices are in', () => transport.status().state === 'online');
    for (let i = 0; i < devices; i++)
      await transport.publish({
        ...{ topic: topics.state(`d${i}`), qos: 1, retain: true },
        payload: encodePayload('state', { ...birth, session: 1, groups: ['all'] }),
      });
    for (const role of ['admin', 'operator', 'viewer', 'device'] as const) {
      const body = { name: `the ${role}`, role };
      attacked.tokens[role] = (await fleet.client.call('POST /tokens', { body })).token;
    }
    await eventually(
      'the devices are known',
      async () => (await fleet.client.call('GET /fleet')).devices >= devices,
    );
    attacked.#idle = await attacked.#beside(() => new Promise((resolve) => setTimeout(resolve, idleMs)));
    return attacked;
  }

  async close(): Promise<void> {
    this.#witness.kill();
    await this.#devices.close();
    await this.fleet.close();
  }

  /** What the other devices would get. */
  get devices(): MqttjsTransport {
    return this.#devices;
  }

  /**
   * Health within a second, and entries at most two seconds later than before any attack. Time for which other processes had
   * the processors is not counted.
   */
  async survives(attack: () => Promise<unknown>): Promise<WitnessReport> {
    const seen = await this.#beside(attack);
    const shown = JSON.stringify({ seen, idle: this.#idle });
    expect(seen.otherAnswers, shown).toEqual([]);
    expect(seen.healthMs, shown).toBeLessThan(1_000);
    expect(seen.waitMs, shown).toBeLessThan(2_000 + (this.#idle?.waitMs ?? 0));
    expect(this.fleet.controller.alive).toBe(true);
    return seen;
  }

  fetch(
    path: string,
    role: Role | undefined,
    init: RequestInit & { duplex?: 'half' } = {},
  ): Promise<Response> {
    const authorization = role === undefined ? {} : { authorization: `Bearer ${this.tokens[role]}` };
    return fetch(`${this.fleet.url}${path}`, {
      ...init,
      headers: { ...authorization, ...(init.headers as object) },
    });
  }

  /** Status and text of the answer; 0 where the connection was cut. */
  async ask(method: string, path: string, role: Role | undefined, body?: string) {
    try {
      const response = await this.fetch(`/api/v1${path}`, role, {
        method,
        ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: 0, text: String(error) };
    }
  }

  /** No token, password or key of this fleet stands in the log. */
  expectNoSecretTold(): void {
    const { stderr } = this.fleet.controller;
    const key = readFileSync(`${this.fleet.controllerFolder}/secrets.key`, 'utf8').trim();
    for (const secret of [...Object.values(this.tokens), this.fleet.adminToken, key, 'password of'])
      expect(stderr.includes(secret)).toBe(false);
  }

  /** Killed as it is, and started on what it left. */
  async restart(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.fleet.controller.end('SIGKILL');
    await this.fleet.startController(settings);
    await eventually('the broker is there again', async () => {
      const response = await this.fetch('/healthz', undefined);
      return ((await response.json()) as { broker: string }).broker === 'online';
    });
  }

  async #beside(work: () => Promise<unknown>): Promise<WitnessReport> {
    const { url, passwordFile = '' } = this.fleet.broker.access(honest);
    const password = readFileSync(passwordFile, 'utf8').trim();
    const watching = once(this.#witness, 'message');
    const { pid } = this.fleet.controller;
    this.#witness.send({ watch: { broker: url, password, device: honest, url: this.fleet.url, pid } });
    await watching;
    const failed = await work().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const report = once(this.#witness, 'message');
    this.#witness.send('report');
    const [seen] = await report;
    if (failed !== undefined) throw failed.error;
    return seen as WitnessReport;
  }
}

/** As many at the same time as `atOnce`. */
export async function all<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        results[next[0]] = await work(next[1]);
    }),
  );
  return results;
}
