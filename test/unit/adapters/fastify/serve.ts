import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { expect } from 'vitest';
import { artifactFolder } from '../../../../src/adapters/artifacts/artifact-folder.ts';
import { nodeSecrets } from '../../../../src/adapters/crypto/node-secrets.ts';
import { FleetServer, type FleetServerOptions } from '../../../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../../../src/adapters/prometheus/index.ts';
import type { Role } from '../../../../src/api/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { type Caller, FleetController } from '../../../../src/controller/index.ts';
import { FakeAlertChannel } from '../../../fakes/fake-alert-channel.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../../../fakes/fake-transport.ts';
import { SkippingClock } from '../../../fakes/skipping-clock.ts';

const patternOf = (url: string) => new RegExp(`^${url.replaceAll(/:[a-zA-Z]+|[*]/g, '[^/]+')}$`);

const tester: Caller = { tokenId: 't0', name: 'test', role: 'admin' };

/** A controller that really listens, with broker and database in memory, and one token per role. */
export class Served {
  readonly folder = mkdtempSync(join(tmpdir(), 'goshawk-http-'));
  readonly store = new FakeStore();
  readonly clock = new SkippingClock();
  readonly broker = new FakeBroker(this.clock);
  readonly artifacts = artifactFolder(join(this.folder, 'artifacts'));
  readonly controller: FleetController;
  readonly webhooks = new FakeAlertChannel();
  readonly device = new FakeTransport(this.broker, 'devices');
  readonly server: FleetServer;
  readonly tokens = {} as Record<Role, string>;
  url = '';

  private constructor(options: Partial<FleetServerOptions>) {
    const ports = { clock: this.clock, log: silentLog };
    this.controller = new FleetController(
      {
        ...ports,
        store: this.store,
        transport: new FakeTransport(this.broker, 'controller'),
        secrets: nodeSecrets,
        artifacts: this.artifacts,
        alertChannels: { webhook: this.webhooks },
      },
      { publicUrl: 'http://fleet.test', ingest: { flushMs: 10 } },
    );
    this.server = new FleetServer(
      { ...ports, controller: this.controller, metrics: new FleetMetrics(this.controller) },
      {
        host: '127.0.0.1',
        port: 0,
        version: '0.0.0',
        ...options,
      },
    );
  }

  static async open(options: Partial<FleetServerOptions> = {}): Promise<Served> {
    const served = new Served(options);
    await served.controller.start();
    served.device.start();
    for (const role of ['viewer', 'operator', 'admin', 'device'] as const) {
      const { token } = await served.controller.access.createToken(tester, { name: `the ${role}`, role });
      served.tokens[role] = token;
    }
    served.url = await served.server.listen();
    return served;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.controller.close();
    await this.device.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The server answers with what a handler gave: an answer with more than its schema names is a failure here. */
  async fetch(
    path: string,
    role: Role | undefined,
    init: RequestInit & { duplex?: 'half' } = {},
  ): Promise<Response> {
    const authorization = role === undefined ? {} : { authorization: `Bearer ${this.tokens[role]}` };
    const response = await fetch(`${this.url}${path}`, {
      ...init,
      headers: { ...authorization, ...(init.headers as object) },
    });
    await this.#checkReply(init.method ?? 'GET', path, response);
    return response;
  }

  async #checkReply(method: string, path: string, response: Response): Promise<void> {
    const { pathname } = new URL(path, this.url);
    const reply = this.server.routes.find(
      (route) => route.method === method && patternOf(route.url).test(pathname.replace('/api/v1', '')),
    )?.reply;
    if (!response.ok || reply === undefined) return;
    if (response.headers.get('content-type')?.startsWith('application/json') !== true) return;
    const body: unknown = await response.clone().json();
    expect(body, `${method} ${path} answers with more than its schema`).toEqual(
      Value.Clean(reply, Value.Clone(body)),
    );
  }

  async json<T>(
    method: string,
    path: string,
    role: Role,
    body?: unknown,
  ): Promise<{ status: number; body: T }> {
    const init =
      body === undefined
        ? { method }
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await this.fetch(`/api/v1${path}`, role, init);
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }
}

/** Waits until it holds; a test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
