import { MqttjsTransport, type TlsOptions } from '../../adapters/mqttjs/index.ts';
import { type Clock, defined, InputError, type Log } from '../../base/index.ts';
import { readNamedFile } from '../../platform/index.ts';
import { sharedTelemetry, type TelemetrySource, type Transport, type Will } from '../../protocol/index.ts';
import { addressesOf, type BrokerSetting } from './broker.ts';
import { readSecret } from './read.ts';

/** Reads the secrets once, at the start; gives a maker of transports, because the will comes later. */
export async function brokerConnector(
  broker: BrokerSetting,
  clientId: string,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<(will?: Will) => Transport> {
  const secrets = await brokerSecrets(broker);
  return (will) =>
    new MqttjsTransport(
      { ...addressesOf(broker), clientId, ...secrets, ...defined({ will }) },
      { ...ports, random: Math.random },
    );
}

/** What the processes with the role ingest take: by MQTT, or from queues of AMQP. */
export async function telemetrySource(
  broker: BrokerSetting,
  clientId: string,
  given: { readonly clock: Clock; readonly log: Log },
): Promise<TelemetrySource> {
  if (!/^amqps?:/.test(broker.url))
    return sharedTelemetry((await brokerConnector(broker, clientId, given))());
  const secrets = await brokerSecrets(broker);
  const { AmqplibTelemetrySource } = await import('../../adapters/amqplib/index.ts');
  const ports = { ...given, random: Math.random };
  return new AmqplibTelemetrySource({ ...addressesOf(broker), clientId, ...secrets }, ports);
}

async function brokerSecrets(
  broker: BrokerSetting,
): Promise<{ readonly tls: TlsOptions; readonly username?: string; readonly password?: string }> {
  if ((broker.certFile === undefined) !== (broker.keyFile === undefined)) {
    throw new InputError(
      'settings-invalid',
      'broker: certFile and keyFile belong together.',
      'Give both or none of them.',
    );
  }
  const password = broker.passwordFile === undefined ? undefined : await readSecret(broker.passwordFile);
  const tls: TlsOptions = {
    ...(broker.caFile === undefined ? {} : { ca: await pem(broker.caFile) }),
    ...(broker.certFile === undefined ? {} : { cert: await pem(broker.certFile) }),
    ...(broker.keyFile === undefined ? {} : { key: await pem(broker.keyFile) }),
  };
  return { tls, ...defined({ username: broker.username, password }) };
}

/** A PEM file, read once at the start. */
export async function pem(path: string): Promise<Uint8Array> {
  return readNamedFile(path, 'read the PEM file', `Check the path, or put the PEM file at ${path}.`);
}
