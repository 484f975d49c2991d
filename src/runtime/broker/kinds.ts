import { programTopics, telemetryTopics } from '../../protocol/index.ts';

export const brokerKinds = ['mosquitto', 'emqx', 'rabbitmq'] as const;
export type BrokerKind = (typeof brokerKinds)[number];

/** What a broker's settings are made of. */
export interface BrokerFacts {
  readonly port: number;
  /** Where the broker finds its files. */
  readonly folder: string;
  /** Name of the controller in its certificate. */
  readonly controller: string;
  /** The controller's list of revoked certificates; absent where it lets no devices in. */
  readonly revocations: string | undefined;
  readonly clients: readonly BrokerClient[];
}

/** A client of the broker that is no device. */
export interface BrokerClient {
  readonly name: string;
  /** Devices to which it may say when a robot may be updated. */
  readonly updates: readonly string[];
  /** Devices whose results it may read; `+`: all. */
  readonly results: readonly string[];
  /** A process with the role ingest. */
  readonly ingest: boolean;
}

/** All that a client may read. */
export function readsOf({ results, ingest }: BrokerClient): readonly string[] {
  return [...results.flatMap(programTopics), ...(ingest ? telemetryTopics : [])];
}

export interface BrokerFile {
  readonly name: string;
  readonly text: string;
}
