import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { AlertRuleDraft } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { type RunningController, startController } from '../../src/runtime/controller/start.ts';
import { ControllerSettings } from '../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../src/runtime/settings/read.ts';
import { freePort } from '../contract/brokers.ts';
import { driftData, driftStatus, frozen } from '../fakes/drift-events.ts';
import { admin, birth } from '../fakes/test-fleet.ts';
import { FakePagerDuty, JsonReceiver, PostableAlerts, SlackMessage } from '../fixtures/alert-receivers.ts';
import { eventually } from './fleet/program.ts';
import { missing } from './prometheus/scraped-fleet.ts';

const ports = { clock: new SystemClock(), log: silentLog, random: Math.random };
const routingKey = 'R0123456789abcdef0123456789abcde';
const noAlertmanager = missing('prometheus-alertmanager', 'prometheus-alertmanager');

let folder: string;
let broker: Broker;
let device: MqttjsTransport;
let running: RunningController;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-receivers-'));
  broker = await startBroker({ port: 0 });
  device = new MqttjsTransport({ url: broker.url, clientId: 'cam-1' }, ports);
  device.start();
  const settings = { dataDir: join(folder, 'data'), broker: { url: broker.url }, http: { port: 0 } };
  running = await startController(
    checkSettings(ControllerSettings, { ...settings, webhooks: { allow: ['127.0.0.1'] } }, 'test'),
    ports,
  );
  await eventually('both are online', () => running.controller.summary.current().broker === 'online');
  const say = (topic: string, payload: Uint8Array, retain: boolean) =>
    device.publish({ topic, payload, qos: 1, retain });
  await say(topics.state('cam-1'), encodePayload('state', birth), true);
  const incident = { number: 1, verdict: frozen, sinceMs: Date.now(), grade: 'alarm' } as const;
  const drift = { front: driftStatus({ incident }) };
  const status = { generation: 0, session: 1, timeMs: Date.now(), slots: {}, pipelines: {}, drift };
  await say(topics.reported('cam-1'), encodePayload('reported', status), true);
  const alarm = encodePayload('events', {
    ...{ id: 'event-1000', entry: 1, session: 1, timeMs: Date.now(), camera: 'front', kind: 'drift.alarm' },
    ...{ severity: 'error', message: 'sensor fault: frozen', data: { ...driftData(frozen) } },
  });
  await say(topics.events('cam-1'), alarm, false);
  await eventually('an incident is open', () => running.controller.drift.openIncidents.length === 1);
});
afterAll(async () => {
  await running?.close();
  await device?.close();
  await broker?.close();
  rmSync(folder, { recursive: true, force: true });
});

const draft = (to: string, secret?: string): AlertRuleDraft => ({
  name: `blind <${to.slice(0, 5)}>`,
  when: { kind: 'drift' },
  forSeconds: 0,
  severity: 'critical',
  notify: { to, ...(secret === undefined ? {} : { secret }) },
});

/** The rule fires, and is switched off, which ends its alert. */
async function fireAndResolve(to: string, secret: string | undefined, fired: () => unknown): Promise<void> {
  const { alerts } = running.controller;
  const { id } = await alerts.createRule(admin, draft(to, secret));
  await eventually('it fires', fired);
  await alerts.replaceRule(admin, id, { ...draft(to), enabled: false });
}

describe('PagerDuty', () => {
  it('opens an incident, and closes the same one', async () => {
    const pagerduty = new FakePagerDuty(routingKey);
    const server = await JsonReceiver.open('/v2/enqueue', (body) => pagerduty.take(body));
    const states = () => [...pagerduty.incidents.values()];
    await fireAndResolve(`pagerduty+${server.url}`, routingKey, () => states().includes('open'));
    await eventually('it is resolved', () => states().includes('resolved'));
    server.close();
    expect(states()).toEqual(['resolved']);
    expect(pagerduty.events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    expect(pagerduty.events[0]?.payload).toMatchObject({
      source: 'cam-1',
      component: 'front',
      severity: 'critical',
    });
  });

  it('gets no event without its key, and the key is neither shown nor stored in clear', async () => {
    const { alerts } = running.controller;
    await expect(
      alerts.createRule(admin, draft('pagerduty+https://events.pagerduty.com')),
    ).rejects.toMatchObject({
      code: 'rule-invalid',
      remedy: expect.stringContaining('Integration Key'),
    });
    const saved = await alerts.createRule(admin, draft('pagerduty+https://events.pagerduty.com', routingKey));
    expect(JSON.stringify([saved, alerts.listRules('admin')])).not.toContain(routingKey);
    await running.controller.flush();
    const files = ['controller.db', 'controller.db-wal'];
    const stored = files.map((file) => {
      try {
        return readFileSync(join(folder, 'data', file)).toString('latin1');
      } catch {
        return '';
      }
    });
    expect(stored.join('').length).toBeGreaterThan(1_000);
    expect(stored.join('')).not.toContain(routingKey);
    // The key of PagerDuty does not sign for another receiver.
    const moved = await alerts.replaceRule(admin, saved.id, draft('https://hooks.example/x'));
    expect(moved.notifySecret).toMatch(/^[0-9a-f]{64}$/);
    await alerts.deleteRule(admin, saved.id);
  });
});

describe('Slack', () => {
  it('gets a text when an alert fires, and one when it ends', async () => {
    const texts: string[] = [];
    const server = await JsonReceiver.open('/services/T0/B0/secret', (body) => {
      if (!Value.Check(SlackMessage, body)) return [400, 'invalid_payload'];
      texts.push(body.text);
      return [200, 'ok'];
    });
    await fireAndResolve(`slack+${server.url}/services/T0/B0/secret`, undefined, () => texts.length === 1);
    await eventually('it is resolved', () => texts.length === 2);
    server.close();
    expect(texts[0]).toContain('is firing: cam-1/front: sensor fault: frozen');
    expect(texts[0]).toContain('blind &lt;slack&gt;');
    expect(texts[1]).toContain('is resolved');
  });
});

describe('Alertmanager', () => {
  it('gets what its API takes, under labels that stay the same, until a time to come', async () => {
    const posts: { labels: Record<string, string>; endsAt?: string }[] = [];
    const server = await JsonReceiver.open('/api/v2/alerts', (body) => {
      if (!Value.Check(PostableAlerts, body)) return [400, 'invalid'];
      posts.push(...body);
      return [200, ''];
    });
    await fireAndResolve(`alertmanager+${server.url}/`, undefined, () => posts.length === 1);
    await eventually('it is resolved', () => posts.length === 2);
    server.close();
    const [fired, resolved] = posts;
    expect(fired?.labels).toMatchObject({ device: 'cam-1', camera: 'front', severity: 'critical' });
    expect(resolved?.labels).toEqual(fired?.labels);
    expect(Date.parse(fired?.endsAt ?? '')).toBeGreaterThan(Date.now() + 600_000);
    expect(Date.parse(resolved?.endsAt ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it.skipIf(noAlertmanager !== undefined)(
    `of Debian shows the alert, and then no more${noAlertmanager === undefined ? '' : ` (skipped: ${noAlertmanager})`}`,
    async () => {
      const server = await OpenAlertmanager.open(folder);
      const active = async () => (await server.alerts()).filter(({ status }) => status.state === 'active');
      await fireAndResolve(`alertmanager+${server.url}`, undefined, async () => {
        const [alert] = await active();
        return alert?.labels.subject === 'cam-1/front' && alert.annotations.summary?.includes('frozen');
      });
      await eventually('it is resolved', async () => (await active()).length === 0);
      await server.close();
    },
  );
});

interface ShownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string };
}

class OpenAlertmanager {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async open(within: string): Promise<OpenAlertmanager> {
    const config = join(within, 'alertmanager.yml');
    writeFileSync(config, 'route: {receiver: none}\nreceivers: [{name: none}]\n');
    const address = `127.0.0.1:${await freePort()}`;
    const options = [`--config.file=${config}`, `--storage.path=${join(within, 'alertmanager')}`];
    const listen = [`--web.listen-address=${address}`, '--cluster.listen-address='];
    const child = spawn('prometheus-alertmanager', [...options, ...listen], { stdio: 'ignore' });
    const open = new OpenAlertmanager(`http://${address}`, child);
    await eventually('Alertmanager is ready', async () => (await fetch(`${open.url}/-/ready`)).ok);
    return open;
  }

  async alerts(): Promise<ShownAlert[]> {
    return (await (await fetch(`${this.url}/api/v2/alerts`)).json()) as ShownAlert[];
  }

  async close(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}
