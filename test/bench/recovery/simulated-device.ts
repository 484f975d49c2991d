import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTrustCrypto } from '../../../src/adapters/crypto/index.ts';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { HttpMetadataSource } from '../../../src/adapters/oci/index.ts';
import { issueOwn, openAuthority } from '../../../src/adapters/x509/index.ts';
import { SignedTrustGate } from '../../../src/agent/index.ts';
import { type DesiredModel, decodePayload, encodePayload, topics } from '../../../src/protocol/index.ts';
import { createSystemToken } from '../../../src/runtime/controller/first-token.ts';
import type { RehearsalFleet } from '../../../src/runtime/rehearsal/fleet.ts';
import { parseAnchor } from '../../../src/trust/index.ts';
import { MemoryMetadata } from '../../fakes/memory-metadata.ts';
import { birth, loaded, slot } from '../../fakes/test-fleet.ts';

const never = new AbortController().signal;
let sessions = 0;

/** What a device believes and obeys, as the agent has it, over a real connection; no model is fetched and no frame looked at. */
export class SimulatedDevice {
  readonly #id: string;
  readonly #transport: MqttjsTransport;
  readonly #gate: SignedTrustGate;
  #turns: Promise<unknown> = Promise.resolve();
  #running: DesiredModel | undefined;
  #generation = 0;
  #authority: string | undefined;
  #closed = false;
  readonly #session = ++sessions;

  private constructor(id: string, fleet: RehearsalFleet, transport: MqttjsTransport, gate: SignedTrustGate) {
    [this.#id, this.#running, this.#gate] = [id, fleet.first, gate];
    this.#transport = transport;
  }

  static async start(id: string, fleet: RehearsalFleet, root?: Uint8Array): Promise<SimulatedDevice> {
    const { clock, log } = fleet.ports;
    const { authority } = await openAuthority(join(fleet.authority, 'ca'));
    const own = await issueOwn(authority, { use: 'client', name: id, nowMs: clock.wallMs(), days: 1 });
    const transport = new MqttjsTransport(
      { url: fleet.brokerUrl, clientId: id, tls: { ...own, ca: readFileSync(fleet.caFile) } },
      { clock, log, random: Math.random },
    );
    const { token } = await createSystemToken(fleet.controller, { name: id, role: 'device' });
    const part = (path: string) => ({
      store: new MemoryMetadata(),
      source: {
        fetch: (file: string, most: number, signal: AbortSignal) =>
          new HttpMetadataSource(`${fleet.url}/tuf/${path}`, {
            token,
            identity: () => undefined,
          }).fetch(file, most, signal),
      },
    });
    const gate = await SignedTrustGate.open({
      ...{ device: id, clock, log, verifier: nodeTrustCrypto(), ledger: new MemoryMetadata() },
      anchor: parseAnchor(root ?? fleet.controller.trust!.anchor()!),
      ...{ image: part('image'), director: part(`director/${id}`) },
      facts: () => ({ board: 'simulated', agent: '0.1.0' }),
    });
    const device = new SimulatedDevice(id, fleet, transport, gate);
    transport.subscribe(topics.desired(id), 1);
    transport.onMessage(({ payload }) => device.#hear(payload));
    transport.onStatus(({ state }) => state === 'online' && void device.#birth());
    transport.start();
    return device;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.close();
  }

  /** One order after the other, as they came. */
  #hear(payload: Uint8Array): void {
    this.#turns = this.#turns.then(() => this.#follow(payload)).catch(() => {});
  }

  async #follow(payload: Uint8Array): Promise<void> {
    const opened = await this.#gate.openOrder(payload);
    const desired = decodePayload('desired', opened.payload, topics.desired(this.#id));
    if (opened.authority === this.#authority && desired.generation <= this.#generation) return;
    const model = desired.slots?.main?.model;
    for (let tries = 0; model !== undefined && !this.#closed; tries++) {
      try {
        await this.#gate.admit(model, never);
        await this.#gate.committed(model);
        this.#running = model;
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500 * tries * Math.random()));
      }
    }
    this.#authority = opened.authority;
    this.#generation = desired.generation;
    await this.#report();
  }

  async #birth(): Promise<void> {
    const payload = encodePayload('state', { ...birth, session: this.#session, groups: [] });
    await this.#publish(topics.state(this.#id), payload);
    if (this.#running !== undefined) await this.#report();
  }

  #report(): Promise<void> {
    const { digest = '', version = '' } = this.#running ?? {};
    const main = slot({ deployment: { state: 'idle' }, loaded: { ...loaded, digest, version } });
    const reported = { generation: this.#generation, session: this.#session, timeMs: Date.now() };
    const payload = encodePayload('reported', { ...reported, slots: { main }, pipelines: {} });
    return this.#publish(topics.reported(this.#id), payload);
  }

  async #publish(topic: string, payload: Uint8Array): Promise<void> {
    await this.#transport.publish({ topic, payload, qos: 1, retain: true }).catch(() => {});
  }
}
