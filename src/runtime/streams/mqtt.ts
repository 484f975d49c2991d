import { join } from 'node:path';
import { defined, encodeUtf8, InputError } from '../../base/index.ts';
import type { Will } from '../../protocol/index.ts';
import { HomeAssistant, MqttOutlet, StreamTopics } from '../../streams/index.ts';
import { brokerConnector } from '../settings/connect.ts';
import type { MqttStream } from '../settings/streams.ts';
import { goshawkVersion } from '../version.ts';
import { isLocal, redactAddress, type StreamKind, type StreamPorts } from './kind.ts';

/** A connection that breaks for a moment makes no camera unavailable. */
const willDelaySeconds = 5;

export const mqttStream: StreamKind<'mqtt'> = {
  address: 'mqtt://host/topic/{camera}',
  read: (address) => {
    if (!/^mqtts?:\/\//.test(address) || !URL.canParse(address)) return undefined;
    const url = new URL(address);
    const topic = decodeURIComponent(url.pathname.slice(1));
    if (url.password !== '')
      throw new InputError(
        'stream-password',
        'The address of the broker holds a password, which others could read.',
        'Write it into a file, and add #passwordFile=FILE to the address.',
      );
    const port = url.port === '' ? '' : `:${url.port}`;
    return {
      url: `${url.protocol}//${url.hostname}${port}`,
      ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
      ...(topic === '' ? {} : { topic }),
    };
  },
  to: (setting, { device }) => `${redactAddress(setting.url)}/${topicOf(setting, device)}`,
  open: async (setting, ports) => {
    const { device, stream, cameras, counts, clock, log, budget } = ports;
    const topics = new StreamTopics(topicOf(setting, device));
    if (setting.homeAssistant && !topics.perCamera && cameras.length > 1)
      throw new InputError(
        'stream-topic',
        `The stream ${stream} has one topic for several cameras, which Home Assistant can't tell apart.`,
        'Put {camera} into its topic.',
      );
    const durable = setting.atLeastOnce ? await durableStore(setting, ports) : undefined;
    const connect = await brokerConnector(setting, setting.clientId ?? `goshawk-${device}-${stream}`, ports);
    const plain = connect(setting.homeAssistant ? willOf(topics) : undefined);
    const transport = [setting.url, ...(setting.servers ?? [])].every(isLocal)
      ? plain
      : (budget?.meterResults(plain) ?? plain);
    const homeAssistant = setting.homeAssistant ? announcer(setting, topics, ports) : undefined;
    const outlet = new MqttOutlet({
      ...{ transport, topics, counts, clock, log },
      ...defined({ homeAssistant, durable }),
    });
    await outlet.open();
    return outlet;
  },
};

function topicOf({ topic }: MqttStream, device: string): string {
  return topic.replaceAll('{device}', device);
}

function willOf({ connection }: StreamTopics): Will {
  return { topic: connection, payload: encodeUtf8('offline'), delaySeconds: willDelaySeconds };
}

function announcer(
  { discoveryPrefix: prefix, clearSeconds }: MqttStream,
  topics: StreamTopics,
  { device, classes = [] }: StreamPorts,
): HomeAssistant {
  return new HomeAssistant({ device, version: goshawkVersion(), topics, prefix, classes, clearSeconds });
}

async function durableStore({ maxBytes }: MqttStream, { dataDir, stream, clock }: StreamPorts) {
  if (dataDir === undefined)
    throw new InputError(
      'stream-durable',
      'Results can be kept for a broker only by an agent, which has a folder for them.',
      'Leave out atLeastOnce, or use `goshawk agent`.',
    );
  const { SqliteOutboxStore } = await import('../../adapters/outbox/index.ts');
  const store = new SqliteOutboxStore({
    folder: join(dataDir, 'streams', stream),
    maxFileBytes: Math.ceil(maxBytes * 1.5),
    nowMs: () => clock.wallMs(),
  });
  return { store, maxBytes };
}
