// Around: mqtt

export type { MqttjsOptions, MqttjsPorts, TlsOptions } from './options.ts';
export { MqttjsTransport } from './transport.ts';
