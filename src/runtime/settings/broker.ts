import { type Static, Type } from '@sinclair/typebox';

export const Broker = Type.Object(
  {
    url: Type.String({
      pattern: '^(mqtt|mqtts|ws|wss)://',
      description: 'mqtts://broker.example:8883; mqtt:// only within one machine or a trusted network',
    }),
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
