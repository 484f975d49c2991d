import { describe, expect, it } from 'vitest';
import { emqxFiles } from '../../../src/runtime/broker/emqx.ts';
import type { BrokerFacts } from '../../../src/runtime/broker/kinds.ts';
import { mosquittoFiles } from '../../../src/runtime/broker/mosquitto.ts';
import { rabbitmqFiles } from '../../../src/runtime/broker/rabbitmq.ts';

const facts: BrokerFacts = {
  ...{ port: 8883, folder: '/etc/x', controller: 'controller', revocations: undefined },
  clients: [
    { name: 'plc', updates: ['forklift-7', 'cam.8'], results: [] },
    { name: 'bridge', updates: [], results: [] },
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
      "set_topic_permissions plc amq.topic '^goshawk[.]1[.](forklift-7|cam/8)[.]call[.]updates$' '^$'\n",
    ],
  ])('has one topic of the devices that it is named for, at %s', (_, text, rights) => {
    expect(text).toContain(rights);
    expect(text?.split('call/updates').length ?? 0).toBeLessThan(4);
  });

  it('has none at RabbitMQ where it is named for no device', () => {
    const line = /set_topic_permissions bridge amq.topic '(.*?)' '(.*?)'/.exec(
      rabbitmqFiles(facts)[1]?.text ?? '',
    );
    expect(new RegExp(line?.[1] ?? '.').test('goshawk.1..call.updates')).toBe(false);
    expect(new RegExp(line?.[1] ?? '.').test('goshawk.1.cam.call.updates')).toBe(false);
  });
});
