import { describe, expect, it } from 'vitest';
import { telemetryQueues } from '../../../src/protocol/index.ts';
import { emqxFiles } from '../../../src/runtime/broker/emqx.ts';
import type { BrokerFacts } from '../../../src/runtime/broker/kinds.ts';
import { mosquittoFiles } from '../../../src/runtime/broker/mosquitto.ts';
import { rabbitmqDefinitions } from '../../fixtures/rabbitmq-definitions.ts';

const facts: BrokerFacts = {
  ...{ port: 8883, folder: '/etc/x', controller: 'controller', revocations: undefined },
  clients: [
    { name: 'plc', updates: ['forklift-7', 'cam.8'], results: [], ingest: false },
    { name: 'bridge', updates: [], results: [], ingest: false },
  ],
};

describe('A client of the broker that is no device', () => {
  it.each([
    [
      'Mosquitto',
      mosquittoFiles(facts)[1]?.text,
      `user plc
topic write goshawk/1/forklift-7/call/updates
topic write goshawk/1/cam.8/call/updates

user bridge
`,
    ],
    [
      'EMQX',
      emqxFiles(facts)[1]?.text,
      '{allow, {username, "plc"}, publish, ["goshawk/1/forklift-7/call/updates", "goshawk/1/cam.8/call/updates"]}.\n',
    ],
  ])('has one topic of the devices that it is named for, at %s', (_, text, rights) => {
    expect(text).toContain(rights);
    expect(text?.split('call/updates').length ?? 0).toBeLessThan(4);
  });

  /** What RabbitMQ lets it publish and hear, as expressions over routing keys. */
  const atRabbitmq = (name: string, given: BrokerFacts) => {
    const found = rabbitmqDefinitions(given).topic_permissions.find(({ user }) => user === name);
    return { write: new RegExp(found?.write ?? '.^'), read: new RegExp(found?.read ?? '.^') };
  };

  it('has one topic of the devices that it is named for, at RabbitMQ', () => {
    const { write, read } = atRabbitmq('plc', facts);
    const may = (key: string) => write.test(`goshawk.1.${key}`);
    expect(may('forklift-7.call.updates')).toBe(true);
    expect(['forklift-8.call.updates', 'forklift-7.call.ack', 'forklift-7.desired'].filter(may)).toEqual([]);
    expect(read.test('goshawk.1.forklift-7.call.updates')).toBe(false);
  });

  it('may read results of the devices that it is named for, and of all with +', () => {
    const of = (results: readonly string[]) => ({
      ...facts,
      clients: [{ name: 'erp', updates: [], results, ingest: false }],
    });
    const named = of(['forklift-7', 'cam.8']);
    expect(mosquittoFiles(named)[1]?.text).toContain(
      'user erp\ntopic read goshawk/1/forklift-7/results/+\ntopic read goshawk/1/cam.8/results/+\n',
    );
    expect(mosquittoFiles(of(['+']))[1]?.text).toContain('topic read goshawk/1/+/results/+\n');
    expect(emqxFiles(named)[1]?.text).toContain(
      '{allow, {username, "erp"}, subscribe, ["goshawk/1/forklift-7/results/+", "goshawk/1/cam.8/results/+"]}.\n',
    );
    const reads = (results: readonly string[]) => atRabbitmq('erp', of(results)).read;
    expect(reads(['cam.8']).test('goshawk.1.cam.8.results.front')).toBe(true);
    expect(reads(['cam.8']).test('goshawk.1.cam-9.results.front')).toBe(false);
    expect(reads(['+']).test('goshawk.1.cam-9.results.front')).toBe(true);
    expect(reads(['+']).test('goshawk.1.cam-9.state')).toBe(false);
    expect(reads([]).test('goshawk.1.cam-9.results.front')).toBe(false);
  });

  it('reads the telemetry of all devices and publishes nothing, where it is a process with the role ingest', () => {
    const ingest = { ...facts, clients: [{ name: 'ingest-1', updates: [], results: [], ingest: true }] };
    expect(mosquittoFiles(ingest)[1]?.text).toMatch(
      /\nuser ingest-1\ntopic read goshawk\/1\/\+\/metrics\ntopic read goshawk\/1\/\+\/events\n$/,
    );
    expect(emqxFiles(ingest)[1]?.text).toContain(
      '{allow, {username, "ingest-1"}, subscribe, ["goshawk/1/+/metrics", "goshawk/1/+/events"]}.\n',
    );
  });

  it('reads queues of telemetry at RabbitMQ and nothing else, where it is a process with the role ingest', () => {
    const ingest = { ...facts, clients: [{ name: 'ingest-1', updates: [], results: [], ingest: true }] };
    const found = rabbitmqDefinitions(ingest);
    const account = found.permissions.find(({ user }) => user === 'ingest-1');
    expect(account).toMatchObject({ configure: '^$', write: '^$' });
    const read = new RegExp(account?.read ?? '.^');
    expect(found.queues?.map(({ name }) => name)).toEqual(telemetryQueues);
    expect(telemetryQueues.filter((name) => !read.test(name))).toEqual([]);
    const others = [
      'mqtt-subscription-controllerqos1',
      'amq.topic',
      'goshawk.telemetry',
      'xgoshawk.telemetry.1',
    ];
    expect(others.filter((name) => read.test(name))).toEqual([]);
    const { write, read: hears } = atRabbitmq('ingest-1', ingest);
    expect([write, hears].some((one) => one.test('goshawk.1.cam.metrics'))).toBe(false);
    expect(rabbitmqDefinitions(facts).queues).toBeUndefined();
  });

  it('has none at RabbitMQ where it is named for no device', () => {
    const { write } = atRabbitmq('bridge', facts);
    for (const key of ['goshawk.1..call.updates', 'goshawk.1.cam.call.updates'])
      expect(write.test(key)).toBe(false);
  });
});
