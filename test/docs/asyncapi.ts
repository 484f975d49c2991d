import type { TSchema } from '@sinclair/typebox';
import { deviceIdPattern, root } from '../../src/protocol/index.ts';
import { type TopicRow, topicTable } from '../../src/protocol/topic-table.ts';

/** Every topic as AsyncAPI 3, from the table of topics. */
export function asyncApi(version: string): object {
  const rows: readonly (readonly [string, TopicRow])[] = Object.entries(topicTable);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Goshawk over MQTT',
      version,
      description:
        'What devices, controller and programs of the site say to each other (docs/mqtt.md). Actions are those of a client that is neither: it may receive what a device sends where its account at the broker lets it.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(rows.map(([name, row]) => [name, channelOf(name, row)])),
    operations: Object.fromEntries(
      rows
        .filter(([, { from }]) => from === 'device')
        .map(([name, { qos }]) => [
          `receive-${name}`,
          { action: 'receive', channel: { $ref: `#/channels/${name}` }, bindings: { mqtt: { qos } } },
        ]),
    ),
  };
}

function channelOf(name: string, { from, to, level, retained, schema, encoding, maxBytes }: TopicRow) {
  const read =
    to === 'programs' ? 'programs of the site' : from === 'device' ? 'the controller' : 'the device';
  return {
    address: `${root}/{device}/${name}${level === undefined ? '' : `/{${level}}`}`,
    description: `From ${from === 'device' ? 'a device' : 'the controller'} to ${read}; ${retained ? 'retained' : 'not retained'}, at most ${maxBytes} bytes.`,
    parameters: {
      device: { description: `Id of the device: ${deviceIdPattern}` },
      ...(level === undefined ? {} : { [level]: { description: `Name of the ${level}` } }),
    },
    messages: {
      [name]: {
        contentType: `application/${encoding}`,
        ...(schema === undefined ? {} : { payload: plain(schema) }),
      },
    },
  };
}

/** JSON leaves the symbols of TypeBox behind. */
function plain(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema)) as object;
}
