import type { Backoff, Clock, Log } from '../../base/index.ts';
import type { Will } from '../../protocol/index.ts';

/** PEM texts or their bytes. */
export interface TlsOptions {
  /** Authorities that the broker's certificate may come from; the system's when absent. */
  readonly ca?: string | Uint8Array;
  /** Certificate and key of this client, where the broker asks for one. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Name in the broker's certificate when it differs from the host of the address. */
  readonly servername?: string;
}

export interface MqttjsOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://host/path` or `wss://host/path`. */
  readonly url: string;
  /** Further addresses of the same cluster; `ServerRotation` says which one is connected to. */
  readonly servers?: readonly string[];
  /** The device id; the broker's access list knows the client by it. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** A function is asked for every new connection: certificates are renewed. */
  readonly tls?: TlsOptions | (() => TlsOptions);
  readonly will?: Will;
  readonly keepaliveSeconds?: number;
  /** Waiting time between rounds of attempts while no address can be reached. */
  readonly backoff?: Backoff;
  /** Waiting time between attempts after the broker refused us. */
  readonly refusedBackoff?: Backoff;
  readonly connectTimeoutMs?: number;
  /** Largest packet that we take from the broker, bytes. */
  readonly maximumPacketSize?: number;
  /** Most QoS 1 messages that the broker may have under way to us. */
  readonly receiveMaximum?: number;
}

export interface MqttjsPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** [0, 1) */
  readonly random: () => number;
}

export const defaults = {
  keepaliveSeconds: 30,
  backoff: { firstMs: 500, maxMs: 30_000 },
  refusedBackoff: { firstMs: 30_000, maxMs: 300_000 },
  connectTimeoutMs: 15_000,
  maximumPacketSize: 2 * 1024 * 1024,
  receiveMaximum: 100,
} as const;
