import { encodeUtf8 } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';
import type { AlertChannel, AlertMessage } from './alert-channel.ts';

/** Publishes alerts on a broker of the site: QoS 1, not retained. */
export class MqttAlertChannel implements AlertChannel {
  readonly #transport: Pick<Transport, 'publish'>;

  constructor(transport: Pick<Transport, 'publish'>) {
    this.#transport = transport;
  }

  async deliver({ to, body }: AlertMessage): Promise<string> {
    const topic = to.slice('mqtt:'.length);
    const payload = encodeUtf8(body);
    await this.#transport.publish({ topic, payload, qos: 1, retain: false, contentType: 'application/json' });
    return 'the broker took it';
  }
}
