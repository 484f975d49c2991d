import { isCertificateRefused } from '../../platform/index.ts';

/** A refusal that trying again will not cure: what the broker said, and what a person can do. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

/** CONNACK reason codes of MQTT 5 (section 3.2.2.2) that mean: not you, not like this. */
const connack: Readonly<Record<number, Refusal>> = {
  132: {
    reason: 'The broker does not speak MQTT 5.',
    remedy: 'Use a broker with MQTT 5: Mosquitto 1.6 or newer, EMQX, HiveMQ, VerneMQ, or the built-in one.',
  },
  133: {
    reason: 'The broker refused the client id.',
    remedy: 'Allow this device id at the broker, or give the device the id that its credentials belong to.',
  },
  134: {
    reason: 'The broker refused the user name or the password.',
    remedy:
      'Check user and password of this device against the broker; they are read from the configuration at start.',
  },
  135: {
    reason: 'The broker does not authorize this client.',
    remedy:
      'Check user, password or client certificate of this device, and that the broker has an account for it.',
  },
  138: {
    reason: 'The broker has banned this client.',
    remedy: 'Lift the ban at the broker.',
  },
  140: {
    reason: 'The broker wants another way of authentication.',
    remedy:
      'Allow user and password or client certificates at the broker; enhanced authentication is not used.',
  },
};
/** How the other side's alert about our certificate looks through OpenSSL. */
const alert = /^ERR_SSL_.*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/;

/** Whether an error of a connection attempt is a refusal; undefined for everything that may pass by itself. */
export function refusalOf(error: Error & { code?: unknown }): Refusal | undefined {
  if (typeof error.code === 'number') return connack[error.code];
  if (typeof error.code !== 'string') return undefined;
  if (isCertificateRefused(error))
    return {
      reason: `The broker's certificate is not trusted (${error.code}).`,
      remedy:
        'Give the authority that signed it as `ca`, connect by the name that is in it, and check the clock of this machine.',
    };
  if (alert.test(error.code))
    return {
      reason: `The broker refused the certificate of this client (${error.code}).`,
      remedy:
        'Check that `cert` and `key` belong together, are not expired, and come from an authority the broker trusts.',
    };
  return undefined;
}
