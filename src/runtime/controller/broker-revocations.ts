import { join } from 'node:path';
import { MqttjsTransport } from '../../adapters/mqttjs/index.ts';
import { issueOwn, type LocalAuthority } from '../../adapters/x509/index.ts';
import { type Clock, defined, type Log, silentLog } from '../../base/index.ts';
import type { RevocationTarget } from '../../controller/index.ts';
import { writeFileAtomic } from '../../platform/index.ts';
import { addressesOf, type BrokerSetting } from '../settings/broker.ts';
import { pem } from '../settings/connect.ts';

export const revocationFile = 'devices.crl';

export interface BrokerRevocationsPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: LocalAuthority;
  /** Where the list is written for the broker: it has to be told to read it again (docs/enrolment.md). */
  readonly folder: string;
  readonly broker: BrokerSetting;
}

const connectMs = 10_000;

/**
 * Revocation at any broker of MQTT. A list of revoked certificates keeps a device from coming back, and no broker ends a
 * connection for it. What ends it is in the standard (MQTT 5, 3.1.4): who connects with the same client id takes its place.
 * So the controller takes it, with a certificate of that name that lives for minutes, and leaves.
 */
export class BrokerRevocations implements RevocationTarget {
  readonly #ports: BrokerRevocationsPorts;

  constructor(ports: BrokerRevocationsPorts) {
    this.#ports = ports;
  }

  async publish(list: string): Promise<void> {
    await writeFileAtomic(join(this.#ports.folder, revocationFile), list, { mode: 0o644 });
  }

  async disconnect(device: string): Promise<'ended' | 'elsewhere'> {
    const { clock, authority, broker } = this.#ports;
    // Without certificates the broker knows devices by their passwords, and those are taken away there.
    if (!/^(mqtts|wss):/.test(broker.url)) return 'elsewhere';
    const { cert, key } = await issueOwn(authority, {
      ...{ use: 'client', name: device, nowMs: clock.wallMs(), days: 1 / 288 },
    });
    const ca = broker.caFile === undefined ? undefined : await pem(broker.caFile);
    const transport = new MqttjsTransport(
      { ...addressesOf(broker), clientId: device, tls: { cert, key, ...defined({ ca }) } },
      { clock, log: silentLog, random: Math.random },
    );
    try {
      await online(transport, clock);
      return 'ended';
    } finally {
      await transport.close();
    }
  }
}

function online(transport: MqttjsTransport, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = clock.after(connectMs, () => reject(new Error('the broker does not answer')));
    transport.onStatus((status) => {
      if (status.state === 'connecting') return;
      late();
      if (status.state === 'online') resolve();
      else reject(new Error(status.reason));
    });
    transport.start();
  });
}
