import { expect, vi } from 'vitest';
import type { FleetServerOptions } from '../../../../src/adapters/fastify/index.ts';
import type { AccessScope, Alert } from '../../../../src/api/index.ts';
import type { Caller } from '../../../../src/controller/index.ts';
import { encodePayload, metricNames, topics } from '../../../../src/protocol/index.ts';
import { driftData, driftStatus, frozen } from '../../../fakes/drift-events.ts';
import { birth, loaded, slot } from '../../../fakes/test-fleet.ts';
import { OciPeer } from '../../../fixtures/oci-client.ts';
import { pushed } from './registry/pushed-model.ts';
import { Served } from './serve.ts';

export const admin: Caller = { tokenId: 't1', name: 'ann', role: 'admin' };
export const inside = 'berlin-1';
export const outside = 'munich-vault';
export const unknown = 'nobody-here';
export const insides = [inside, 'berlin-2'];
export const outsides = [outside, 'munich-2', 'munich-3'];
/** No answer to a token of the other site has one of these. */
export const secrets = ['munich', 'vault', 'hall-2', 'bavaria'];

const scopedRoles = ['viewer', 'operator', 'admin'] as const;
export type ScopedRole = (typeof scopedRoles)[number];

/** A controller with devices at two sites: what there is of one is there of the other too. */
export class TwoSites {
  /** By the device: topics of what the controller sends it, acknowledgements and requests for a birth apart. */
  readonly orders: string[] = [];
  readonly served: Served;

  private constructor(served: Served) {
    this.served = served;
  }

  static async open(options: Partial<FleetServerOptions> = {}): Promise<TwoSites> {
    const served = await Served.open(options);
    const sites = new TwoSites(served);
    const { controller } = served;
    await eventually('device online', () => served.device.status().state === 'online');
    await eventually('broker online', () => controller.summary.current().broker === 'online');
    for (const id of [...insides, ...outsides]) {
      const isInside = insides.includes(id);
      await controller.labels.setLabels(admin, id, { site: isInside ? 'berlin' : 'bavaria' });
      await sites.#comes(id, isInside);
    }
    // One declares its group and the other is listed by it.
    await controller.groups.setMembers(admin, 'hall-1', ['berlin-2']);
    await controller.groups.setMembers(admin, 'hall-2', [...outsides, 'munich-to-come']);
    await controller.groups.setMembers(admin, 'zone-all', [...insides, ...outsides]);
    const peer = new OciPeer((path, init) => served.fetch(path, 'admin', init));
    const { digest } = await pushed(peer, '1.0.0');
    for (const site of ['berlin', 'bavaria'])
      await controller.sitePlans.put(admin, site, Buffer.from('89504e470d0a1a0a', 'hex'));
    const policy = { model: { name: 'street', version: '1.0.0' } };
    for (const [name, slotName, target] of [
      ['everywhere', 'plate', { all: true }],
      ['bavaria-only', 'lane', { labels: { site: 'bavaria' } }],
      ['berlin-only', 'main', { labels: { site: 'berlin' } }],
    ] as const)
      await controller.rollouts.create(admin, {
        ...{ name, draft: true },
        policy: { ...policy, slot: slotName, target },
      });
    const lost = { kind: 'event' as const, event: 'camera.lost' };
    const rule = { name: 'lost', when: lost, severity: 'error' as const, forSeconds: 0 };
    const { id: ruleId } = await controller.alerts.createRule(admin, rule);
    for (const group of ['hall-1', 'hall-2']) {
      const alert = { ...{ id: `of-${group}`, rule: ruleId, ruleName: 'lost', notified: 0, sinceMs: 1 } };
      served.store.alertRows.set(group, {
        ...{ ...alert, severity: 'error', state: 'firing', firedMs: 1, subject: `group:${group}` },
        summary: `3 of 4 devices of group ${group} are offline`,
      });
    }
    for (const id of [...insides, ...outsides]) await sites.#lives(id, digest);
    for (const id of outsides) await sites.#send(topics.state(id), encodePayload('state', death), true);
    await eventually(
      'incidents',
      () => controller.drift.openIncidents.length === insides.length + outsides.length,
    );
    await eventually('alerts of devices', () =>
      [...insides, outside].every((id) => controller.alerts.firing.some(({ device }) => device === id)),
    );
    served.device.onMessage(({ topic }) => {
      const [, , device = '', kind, method = ''] = topic.split('/');
      if (!['ack', 'rebirth'].includes(method)) sites.orders.push(`${device} ${kind} ${method}`.trim());
    });
    served.device.subscribe('goshawk/1/+/call/#', 1);
    served.device.subscribe('goshawk/1/+/desired', 1);
    await served.controller.flush();
    sites.orders.length = 0;
    return sites;
  }

  async token(role: ScopedRole, scope: AccessScope): Promise<string> {
    const { token } = await this.served.controller.access.createToken(admin, {
      ...{ name: `scoped ${role}`, role, scope },
    });
    return token;
  }

  /** Status and text; of a stream its status. */
  async ask(token: string, method: string, path: string, body?: unknown): Promise<[number, string]> {
    const stop = new AbortController();
    // Devices of this test answer nothing.
    const skipping = setInterval(() => this.served.clock.skip(10_000), 50);
    const response = await fetch(`${this.served.url}${path}`, {
      ...{ method, signal: stop.signal },
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    clearInterval(skipping);
    const isStream = response.headers.get('content-type')?.includes('event-stream') === true;
    const text = isStream ? '' : await response.text();
    stop.abort();
    return [response.status, text];
  }

  firing(fits: (alert: Alert) => boolean): Alert {
    const found = this.served.controller.alerts.firing.find(fits);
    if (found === undefined) throw new Error('No such alert fires.');
    return found;
  }

  async event(id: string, eventId: string, entry: number): Promise<void> {
    const event = { id: eventId, entry, session: 1, timeMs: 1_790_000_000_000 };
    await this.#send(
      topics.events(id),
      encodePayload('events', {
        ...event,
        ...{ kind: 'camera.lost', severity: 'error', message: `The camera of ${id} is gone.` },
      }),
    );
  }

  async #comes(id: string, isInside: boolean): Promise<void> {
    const cameras = isInside ? ['front'] : ['vault-door'];
    const groups = id === inside ? ['hall-1'] : [];
    const [fps] = birth.catalogue ?? [];
    const catalogue = fps === undefined ? [] : [{ ...fps, labels: { camera: cameras[0]! } }];
    const state = { ...birth, cameras, groups, catalogue };
    await this.#send(topics.state(id), encodePayload('state', state), true);
    await eventually('device in', () => this.served.controller.registry.get(id)?.online === true);
  }

  /** Reports what it runs, a number, an event and a drift alarm. */
  async #lives(id: string, digest: string): Promise<void> {
    const camera = insides.includes(id) ? 'front' : 'vault-door';
    const timeMs = this.served.clock.wallMs();
    const reported = {
      ...{ generation: 0, session: 1, timeMs, pipelines: {} },
      ...{
        slots: { main: slot({ cameras: [camera], loaded: { ...loaded, digest } }) },
        drift: { [camera]: driftStatus() },
      },
    };
    await this.#send(topics.reported(id), encodePayload('reported', reported), true);
    const batch = { session: 1, sequence: 0, entry: 1, historical: false };
    const fps = insides.includes(id) ? 10 : 4_242;
    await this.#send(topics.metrics(id), encodePayload('metrics', { ...batch, samples: [[timeMs, 1, fps]] }));
    const alarm = { ...{ id: `event-${id}-1`.slice(0, 20), entry: 2, session: 1, timeMs, camera } };
    await this.#send(
      topics.events(id),
      encodePayload('events', {
        ...{ ...alarm, kind: 'drift.alarm', severity: 'error', message: 'sensor fault: frozen' },
        data: { ...driftData(frozen) },
      }),
    );
    await this.event(id, `event-${id}-2`.slice(0, 20), 3);
  }

  async #send(topic: string, payload: Uint8Array, retain = false): Promise<void> {
    await this.served.device.publish({ topic, payload, qos: 1, retain });
  }
}

const death = { online: false as const, session: 1, reason: 'connection-lost' as const };
export const fps = metricNames.fps;

async function eventually(what: string, holds: () => boolean): Promise<void> {
  const wait = { timeout: 30_000, interval: 10 };
  await vi.waitFor(() => expect(holds(), what).toBe(true), wait);
}
