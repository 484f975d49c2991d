import { expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { deviceAddresses } from '../../../../src/runtime/settings/broker.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings, readSettings } from '../../../../src/runtime/settings/read.ts';

const url = 'mqtts://one.example:8883';
const agent = (broker: object) =>
  checkSettings(
    AgentSettings,
    { device: 'd1', dataDir: '/d', broker, cameras: { a: { source: 'sim' } } },
    'x',
  );
const controller = (more: object) =>
  checkSettings(ControllerSettings, { dataDir: '/d', broker: { url }, ...more }, 'x');

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

it.each<[what: string, broker: object, said: string]>([
  ['one address', { url }, 'none'],
  ['no further ones', { url, servers: [] }, 'none'],
  ['further ones of the same kind', { url, servers: ['mqtts://two.example', 'wss://one.example'] }, 'none'],
  ['nodes at one host', { url, servers: ['mqtts://one.example:8884'] }, 'none'],
  [
    'sixteen in all',
    { url, servers: Array.from({ length: 15 }, (_, at) => `mqtts://broker-${at}.example`) },
    'none',
  ],
  [
    'seventeen',
    { url, servers: Array.from({ length: 16 }, (_, at) => `mqtts://broker-${at}.example`) },
    'x: broker.servers: must have at most 15 entries: found a list',
  ],
  [
    'one without a scheme',
    { url, servers: ['two.example'] },
    'x: broker.servers.0: must begin with mqtt://, mqtts://, ws:// or wss://: found "two.example"',
  ],
  ['text in place of a list', { url, servers: 'mqtts://two.example' }, 'x: broker.servers: must be array'],
  [
    'a password in one',
    { url, servers: ['mqtts://ann:hunter2@two.example'] },
    'x: broker.servers.0: must have no password; write it into a file, and name the file in passwordFile',
  ],
  [
    'a password in the first',
    { url: 'mqtts://ann:hunter2@one.example' },
    'x: broker.url: must have no password; write it into a file, and name the file in passwordFile',
  ],
  [
    'the first again',
    { url, servers: ['mqtts://two.example', 'mqtts://ONE.example/'] },
    'x: broker.servers.1: is the same address as broker.url; name each address once',
  ],
  [
    'another one twice',
    { url, servers: ['mqtts://two.example', 'mqtts://two.example:8883'] },
    'x: broker.servers.1: is the same address as broker.servers.0; name each address once',
  ],
  [
    'one that is not encrypted beside one that is',
    { url, servers: ['mqtt://two.example'] },
    'x: broker.servers.0: must begin with mqtts:// or wss://, as broker.url does',
  ],
  [
    'one that is encrypted beside one that is not',
    { url: 'mqtt://one.example', servers: ['mqtts://two.example'] },
    'x: broker.servers.0: must begin with mqtt:// or ws://, as broker.url does',
  ],
])('%s for an agent', (_, broker, said) => {
  const told = complaint(() => agent(broker));
  expect(told.startsWith(said), told).toBe(true);
  expect(told).not.toContain('hunter2');
});

it.each<[what: string, settings: object, said: string]>([
  ['a list for the controller', { broker: { url, servers: ['mqtts://two.example'] } }, 'none'],
  [
    'AMQP for an ingest process',
    { ingest: { broker: { url: 'amqps://a', servers: ['amqps://b'] } } },
    'none',
  ],
  [
    'AMQP beside MQTT',
    { ingest: { broker: { url: 'amqps://a', servers: ['mqtts://b'] } } },
    'x: ingest.broker.servers.0: must begin with amqps://, as ingest.broker.url does',
  ],
  [
    'the same for devices twice',
    { devices: { names: ['a'], brokerUrl: url, brokerServers: [url] } },
    'x: devices.brokerServers.0: is the same address as devices.brokerUrl; name each address once',
  ],
  [
    'further ones for devices without a first',
    { devices: { names: ['a'], brokerServers: [url] } },
    'x: devices.brokerUrl: is required, because brokerServers is given',
  ],
  [
    'a stream with a list of its own',
    { alertBroker: { url, servers: [url] } },
    'x: alertBroker.servers.0: is the same address as alertBroker.url; name each address once',
  ],
])('%s', (_, settings, said) => {
  expect(complaint(() => controller(settings)).slice(0, said.length)).toBe(said);
});

it('devices get those of the controller, or others', () => {
  const broker = { url, servers: ['mqtts://two.example'] };
  expect(deviceAddresses(controller({ broker }))).toEqual(broker);
  expect(deviceAddresses(controller({ broker, devices: { names: ['a'] } }))).toEqual(broker);
  const outside = { brokerUrl: 'wss://out', brokerServers: ['wss://side'] };
  expect(deviceAddresses(controller({ broker, devices: { names: ['a'], ...outside } }))).toEqual({
    ...{ url: 'wss://out', servers: ['wss://side'] },
  });
  const only = { names: ['a'], brokerUrl: 'wss://out' };
  expect(deviceAddresses(controller({ broker, devices: only }))).toEqual({ url: 'wss://out' });
});

it('a mistake in a list from the environment names the variable', async () => {
  const env = {
    GOSHAWK_DEVICE: 'd1',
    GOSHAWK_DATA_DIR: '/d',
    GOSHAWK_CAMERAS: '{"a":{"source":"sim"}}',
    GOSHAWK_BROKER_URL: url,
    GOSHAWK_BROKER_SERVERS: `["${url}"]`,
  };
  await expect(readSettings(AgentSettings, undefined, env)).rejects.toThrow(
    'environment: broker.servers.0: is the same address as broker.url; name each address once (from GOSHAWK_BROKER_SERVERS)',
  );
  const settings = await readSettings(AgentSettings, undefined, {
    ...env,
    GOSHAWK_BROKER_SERVERS: '["mqtts://two"]',
  });
  expect(settings.broker).toEqual({ url, servers: ['mqtts://two'] });
});
