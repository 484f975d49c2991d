import { type Static, type TString, Type } from '@sinclair/typebox';
import { defined } from '../../base/index.ts';

/** Most addresses of one broker. */
export const maxServers = 16;

/** The address of a broker, by MQTT. */
export const mqttAddress = '^(mqtt|mqtts|ws|wss)://';

/** Addresses beside a first one, `beside`; serverProblems says what else has to fit. */
export function furtherServers(pattern: string, beside: string) {
  return Type.Optional(
    Type.Array<TString>(Type.String({ pattern }), {
      maxItems: maxServers - 1,
      description: `Further addresses, beside \`${beside}\`, of nodes of the same cluster: each client has its own order of them, and tries the next one where one does not answer (docs/brokers.md)`,
    }),
  );
}

export const Broker = Type.Object(
  {
    url: Type.String({
      pattern: mqttAddress,
      description: 'mqtts://broker.example:8883; mqtt:// only within one machine or a trusted network',
    }),
    servers: furtherServers(mqttAddress, 'url'),
    username: Type.Optional(Type.String()),
    passwordFile: Type.Optional(Type.String({ description: 'File that holds only the password' })),
    caFile: Type.Optional(Type.String({ description: 'PEM of the authority that signed the broker' })),
    certFile: Type.Optional(
      Type.String({ description: 'PEM of the client certificate; its name is the device id' }),
    ),
    keyFile: Type.Optional(Type.String({ description: 'PEM of the key to it, readable by the agent alone' })),
  },
  { additionalProperties: false },
);
export type BrokerSetting = Static<typeof Broker>;

interface Addresses {
  readonly url: string;
  readonly servers?: string[] | undefined;
}

/** As the adapters take them. */
export function addressesOf({ url, servers }: Addresses) {
  return { url, ...defined({ servers }) };
}

interface GivenAddresses {
  readonly broker: Addresses;
  readonly devices?:
    | { readonly brokerUrl?: string | undefined; readonly brokerServers?: string[] | undefined }
    | undefined;
}

/** Those that devices get from a controller with these settings. */
export function deviceAddresses({ devices, broker }: GivenAddresses) {
  if (devices?.brokerUrl === undefined) return addressesOf(broker);
  return addressesOf({ url: devices.brokerUrl, servers: devices.brokerServers });
}
