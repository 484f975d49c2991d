import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mayPublish, maySubscribe } from '../../src/adapters/aedes/access.ts';
import {
  controllerSubscriptions,
  deviceAccess,
  deviceSubscriptions,
  type Message,
  parseTopic,
  root,
  type Transport,
} from '../../src/protocol/index.ts';
import { emqxFiles } from '../../src/runtime/broker/emqx.ts';
import {
  AedesTestBroker,
  MosquittoTestBroker,
  mosquittoMissing,
  type TestBroker,
} from '../contract/brokers.ts';
import { matches } from '../fakes/fake-transport.ts';
import { rabbitmqDefinitions } from '../fixtures/rabbitmq-definitions.ts';

/** One more topic in each direction, as somebody adds it: a row of the table, and nothing else. */
vi.mock('../../src/protocol/topic-table.ts', async (original) => {
  const { topicTable } = await original<typeof import('../../src/protocol/topic-table.ts')>();
  const row = { qos: 1, retained: false, encoding: 'json', maxBytes: 1024 };
  return {
    topicTable: {
      ...topicTable,
      weather: { ...row, from: 'device', level: 'place' },
      advice: { ...row, from: 'controller' },
    },
  };
});

const weather = (device: string) => `${root}/${device}/weather/roof`;
const advice = (device: string) => `${root}/${device}/advice`;
const facts = { port: 8883, folder: '/etc/x', controller: 'controller', revocations: undefined, clients: [] };

type Action = 'publish' | 'subscribe';
type Rule = (who: string, action: Action, topic: string) => boolean;

/** The file of EMQX, read as its documents say: the first rule that fits decides. */
function emqx(): Rule {
  const text = emqxFiles(facts).find(({ name }) => name === 'acl.conf')?.text ?? '';
  const rules = [
    ...text.matchAll(/^\{allow, (all|\{username, "(.*?)"\}), (all|publish|subscribe), \[([^\]]*)\]\}\./gm),
  ];
  return (who, action, topic) =>
    rules.some(
      ([, , name = who, actions, filters = '']) =>
        name === who &&
        (actions === 'all' || actions === action) &&
        [...filters.matchAll(/"(.*?)"/g)].some(([, filter = '']) =>
          matches(filter.replace(`\${username}`, who), topic),
        ),
    );
}

/** What RabbitMQ imports, read as its documents say: expressions over routing keys. */
function rabbitmq(): Rule {
  const rights = rabbitmqDefinitions(facts, 'd1', 'd2').topic_permissions;
  return (who, action, topic) => {
    const own = rights.find(({ user }) => user === who);
    return own === undefined
      ? who === 'controller'
      : new RegExp(action === 'publish' ? own.write : own.read).test(topic.replaceAll('/', '.'));
  };
}

const builtIn: Rule = (who, action, topic) => {
  const identity =
    who === 'controller' ? ({ role: who } as const) : ({ role: 'device', device: who } as const);
  return action === 'publish' ? mayPublish(identity, topic) : maySubscribe(identity, topic);
};

describe('A topic that was added to the table', () => {
  it('is known to the parser, and both sides listen to what is for them', () => {
    expect(parseTopic(weather('d1'))).toEqual({ kind: 'weather', device: 'd1', place: 'roof' });
    expect(parseTopic(advice('d1'))).toEqual({ kind: 'advice', device: 'd1' });
    expect(controllerSubscriptions().map(({ filter }) => filter)).toContain(`${root}/+/weather/#`);
    expect(deviceSubscriptions('d1').map(({ filter }) => filter)).toContain(advice('d1'));
    expect(deviceAccess.publish).toContain('weather/+');
  });

  it.each([
    ['the built-in broker', builtIn],
    ['EMQX', emqx()],
    ['RabbitMQ', rabbitmq()],
  ])('is allowed by the access list of %s only to its owners', (_name, may) => {
    const asked = ['d1', 'd2', 'controller'].flatMap((who) =>
      (['publish', 'subscribe'] as const).flatMap((action) =>
        [weather('d1'), advice('d1')]
          .filter((topic) => may(who, action, topic))
          .map((topic) => `${who} ${action} ${topic}`),
      ),
    );
    expect(asked).toEqual([
      `d1 publish ${weather('d1')}`,
      `d1 subscribe ${advice('d1')}`,
      ...(['publish', 'subscribe'] as const).flatMap((action) =>
        [weather('d1'), advice('d1')].map((topic) => `controller ${action} ${topic}`),
      ),
    ]);
  });
});

describe.each([
  ['the built-in broker', () => new AedesTestBroker(), undefined],
  ['Mosquitto', () => new MosquittoTestBroker(), mosquittoMissing],
])('A topic that was added to the table, over %s', (name, make, missing) => {
  const reason = missing === undefined ? '' : ` (${missing})`;

  describe.skipIf(missing !== undefined)(`with its list${reason}`, () => {
    let broker: TestBroker;
    beforeAll(async () => {
      broker = make();
      await broker.start();
    });
    afterAll(() => broker.close());

    const payload = new TextEncoder().encode('{}');
    const message = (topic: string): Message => ({ topic, payload, qos: 1, retain: false });

    async function client(id: string, filters: readonly string[]) {
      const { transport } = await broker.client(id);
      const got: string[] = [];
      transport.onMessage(({ topic }) => void got.push(topic));
      for (const filter of filters) transport.subscribe(filter, 1);
      transport.start();
      await vi.waitFor(() => expect(transport.status().state).toBe('online'), 60_000);
      return { transport, got };
    }

    /** What a client hears of a topic that it is always allowed comes after all that was sent before. */
    async function heard({ got }: { got: readonly string[] }, transport: Transport, fence: string) {
      await vi.waitFor(async () => {
        await transport.publish(message(fence));
        expect(got).toContain(fence);
      }, 60_000);
      return [...new Set(got)].filter((topic) => topic !== fence);
    }

    it(`passes for who may, and for nobody else (${name})`, async () => {
      const controller = await client(
        'controller',
        controllerSubscriptions().map(({ filter }) => filter),
      );
      const one = await client('d1', [
        ...deviceSubscriptions('d1').map(({ filter }) => filter),
        weather('d1'),
      ]);
      const other = await client('d2', [`${root}/d2/desired`, advice('d1'), weather('d1')]);
      await heard(one, controller.transport, `${root}/d1/desired`);
      await heard(other, controller.transport, `${root}/d2/desired`);

      await one.transport.publish(message(weather('d1')));
      await controller.transport.publish(message(advice('d1')));
      await expect(other.transport.publish(message(weather('d1')))).rejects.toMatchObject({
        code: 'publish-refused',
      });
      await expect(other.transport.publish(message(advice('d1')))).rejects.toMatchObject({
        code: 'publish-refused',
      });
      await expect(one.transport.publish(message(advice('d1')))).rejects.toMatchObject({
        code: 'publish-refused',
      });

      expect(await heard(one, controller.transport, `${root}/d1/desired`)).toEqual([advice('d1')]);
      expect(await heard(other, controller.transport, `${root}/d2/desired`)).toEqual([]);
      await vi.waitFor(() => expect(controller.got).toContain(weather('d1')), 60_000);
    });
  });
});
