import type { Clock, Log } from '../base/index.ts';
import type { FollowedOrder, Transport } from '../protocol/index.ts';
import type { MetadataStore, TrustCrypto, TrustSigner } from '../trust/index.ts';
import type { PeopleSetup } from './access/people.ts';
import type { Secrets } from './access/token-registry.ts';
import type { AlertChannels } from './alerts/alert-channel.ts';
import type { SecretBox } from './alerts/sealed-rule.ts';
import type { EnrolmentSetup } from './enrolment/fleet-enrolment.ts';
import type { UpdateChannel } from './fleet/update-relay.ts';
import type { IngestLimits } from './ingest/ingest-queue.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { OciRegistryLimits } from './registry/oci-registry.ts';
import type { RegistryPorts } from './registry/ports.ts';
import type { ReferenceAnswers } from './rollouts/challenges/ports.ts';
import type { IngestedSource } from './store/ingest-store.ts';
import type { Retention } from './store/retention.ts';
import type { Store } from './store/store.ts';

/** What the controller signs with, and where it keeps what its owner signed. */
export interface TrustSetup {
  readonly signer: TrustSigner;
  readonly verifier: TrustCrypto;
  readonly store: MetadataStore;
  /** See TrustService. */
  readonly throwAway?: TrustSigner;
  readonly insecure?: boolean;
  /** NTP keeps the clock of this machine; absent: nobody knows. */
  readonly isSynchronised?: () => boolean;
}

/** What the controller of a fleet is put on top of. */
export interface FleetControllerPorts {
  readonly transport: Transport;
  readonly store: Store;
  /** Where other processes take telemetry; absent: this controller takes it from the broker. */
  readonly ingested?: IngestedSource;
  /** Where other processes show what changes to readers of theirs; absent: there are none. */
  readonly channel?: UpdateChannel;
  /** Where models and what belongs to them lie, as content of an OCI registry. */
  readonly artifacts: RegistryPorts;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: alerts are kept and shown, and nobody is notified. */
  readonly alertChannels?: AlertChannels;
  /** Absent: the keys of signatures are stored in clear. */
  readonly secretBox?: SecretBox;
  /** Absent: devices are not let in by this controller, their certificates come from elsewhere. */
  readonly enrolment?: EnrolmentSetup;
  /** Hears of each order for a model when it is over. */
  readonly onOrder?: (order: FollowedOrder) => void;
  /** Absent: this controller runs no model, and gates can't challenge devices. */
  readonly references?: ReferenceAnswers;
  /** Absent: people sign in with tokens only. */
  readonly people?: PeopleSetup;
  /** Absent: orders are not signed. */
  readonly trust?: TrustSetup;
}

export interface FleetControllerOptions {
  /** Where people reach this controller, e.g. `https://fleet.example`: alerts link to it. */
  readonly publicUrl?: string;
  /** A device of which nothing came for this long counts as offline although it did not say goodbye. */
  readonly silentAfterMs?: number;
  readonly retention?: Retention;
  readonly ingest?: Partial<IngestLimits>;
  /** What one device may send; see `defaultQuotas`. */
  readonly quotas?: Partial<Quotas>;
  /** More devices than this are not registered. */
  readonly maxDevices?: number;
  /** Share of false ones among the drift alarms that are believed; 0.1 when not set. */
  readonly falseDiscoveryRate?: number;
  /** Limits of the registry, and how long it keeps unreferenced blobs. */
  readonly artifactLimits?: Partial<OciRegistryLimits>;
  /** Begin with the usual alert rules; see docs/alerts.md. */
  readonly usualRules?: boolean;
}
