import { describe, expect, it } from 'vitest';
import { emqxFiles } from '../../../src/runtime/broker/emqx.ts';
import type { BrokerFacts } from '../../../src/runtime/broker/kinds.ts';
import { mosquittoFiles } from '../../../src/runtime/broker/mosquitto.ts';
import { rabbitmqFiles } from '../../../src/runtime/broker/rabbitmq.ts';

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
    [
      'RabbitMQ',
      rabbitmqFiles(facts)[1]?.text,
      "set_topic_permissions plc amq.topic '^goshawk[.]1[.](forklift-7|cam[.]8)[.]call[.]updates$' '^$'\n",
    ],
  ])('has one topic of the devices that it is named for, at %s', (_, text, rights) => {
    expect(text).toContain(rights);
    expect(text?.split('call/updates').length ?? 0).toBeLessThan(4);
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
    const reads = (results: readonly string[]) => {
      const text = rabbitmqFiles(of(results))[1]?.text ?? '';
      return new RegExp(/set_topic_permissions erp amq.topic '.*?' '(.*?)'/.exec(text)?.[1] ?? '.^');
    };
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

  it('has none at RabbitMQ where it is named for no device', () => {
    const line = /set_topic_permissions bridge amq.topic '(.*?)' '(.*?)'/.exec(
      rabbitmqFiles(facts)[1]?.text ?? '',
    );
    expect(new RegExp(line?.[1] ?? '.').test('goshawk.1..call.updates')).toBe(false);
    expect(new RegExp(line?.[1] ?? '.').test('goshawk.1.cam.call.updates')).toBe(false);
  });
});
