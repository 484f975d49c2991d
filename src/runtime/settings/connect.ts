import { readFile } from 'node:fs/promises';
import { MqttjsTransport, type TlsOptions } from '../../adapters/mqttjs/index.ts';
import { asGoshawkError, type Clock, defined, InputError, type Log } from '../../base/index.ts';
import type { Transport, Will } from '../../protocol/index.ts';
import type { BrokerSetting } from './broker.ts';
import { readSecret } from './read.ts';

/** Reads the secrets once, at the start; gives a maker of transports, because the will comes later. */
export async function brokerConnector(
  broker: BrokerSetting,
  clientId: string,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<(will?: Will) => Transport> {
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
  return (will) =>
    new MqttjsTransport(
      {
        url: broker.url,
        clientId,
        tls,
        ...defined({ username: broker.username, password, will }),
      },
      { ...ports, random: Math.random },
    );
}

/** A PEM file, read once at the start. */
export async function pem(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asGoshawkError(error, 'certificate-missing', `Put the PEM file at ${path}, readable by this user.`);
  }
}
