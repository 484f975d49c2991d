export { type IdentityProvider, type People, type PeopleSetup, unknownSession } from './access/people.ts';
export type { Secrets } from './access/token-registry.ts';
export type { AlertChannel, AlertChannels, AlertMessage } from './alerts/alert-channel.ts';
export { MqttAlertChannel } from './alerts/mqtt-alert-channel.ts';
export type { SecretBox } from './alerts/sealed-rule.ts';
export { AuditChecker, type HashText, sealAudits } from './audit/audit-chain.ts';
export type { Caller } from './audit/caller.ts';
export type {
  CertificateAuthority,
  CertificateTerms,
  IssuedCertificate,
  RevokedCertificate,
  SigningRequest,
} from './enrolment/authority.ts';
export type { Answered, Asked, EnrolmentTerms } from './enrolment/enrolment-service.ts';
export type { EnrolmentSetup, FleetEnrolment } from './enrolment/fleet-enrolment.ts';
export type { RevocationTarget } from './enrolment/revocation-service.ts';
export type { Device } from './fleet/device.ts';
export { type FleetView, noFleet, wholeFleet } from './fleet/fleet-view.ts';
export type { FleetUpdate } from './fleet/live-updates.ts';
export { LocalUpdates } from './fleet/local-updates.ts';
export { narrowed } from './fleet/selector.ts';
export type { UpdateChannel } from './fleet/update-relay.ts';
export { FleetController } from './fleet-controller.ts';
export type { FleetControllerOptions, FleetControllerPorts, TrustSetup } from './fleet-options.ts';
export { FleetReader, type FleetReaderPorts } from './fleet-reader.ts';
export {
  decodeAggregates,
  decodeSamples,
  encodeSamples,
} from './history/blocks.ts';
export {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  mergeAggregate,
  SeriesBuilder,
  tierFor,
  tierSpanMs,
} from './history/rollup.ts';
export {
  deviceFactor,
  mergeSpan,
  RollupSpans,
  type RollupTier,
  rollupKey,
  type Span,
  spanStart,
} from './history/rollup-spans.ts';
export {
  TelemetryIngest,
  type TelemetryIngestOptions,
  type TelemetryIngestPorts,
} from './ingest/telemetry-ingest.ts';
export type { FleetLimits } from './module.ts';
export { BoundedMap } from './quotas/bounded-map.ts';
export { defaultQuotas, type Quotas } from './quotas/quotas.ts';
export { TokenBucket } from './quotas/token-bucket.ts';
export {
  isInScope,
  parseScopes,
  type RegistryCaller,
  roleFor,
  scopeText,
  wantedBy,
} from './registry/access.ts';
export { contentRangeOf, rangeOf } from './registry/byte-range.ts';
export { type Endpoint, parseEndpoint } from './registry/endpoint.ts';
export { blobUnknown, uploadUnknown } from './registry/failures.ts';
export { pageOf } from './registry/listing.ts';
export type { OciRegistry } from './registry/oci-registry.ts';
export type {
  BlobInfo,
  BlobStore,
  ByteRange,
  RegistryPorts,
  RepositoryRecord,
  RepositoryStore,
  StagedBlob,
  UploadInfo,
  UploadStage,
} from './registry/ports.ts';
export type { ReferenceAnswers, ReferenceRequest } from './rollouts/challenges/ports.ts';
export type { DatasetFile } from './rpc/frame-exporter.ts';
export { UpdatesInView } from './scopes/updates-in-view.ts';
export type { Dropped, StoreCalls, StoreConnection } from './store/calls.ts';
export { ConnectedStore } from './store/connected-store.ts';
export type {
  Entry,
  IngestCommit,
  Ingested,
  IngestedBatch,
  IngestedSource,
  IngestResult,
  IngestStore,
  KnownDevice,
} from './store/ingest-store.ts';
export { takePage } from './store/page.ts';
export type { ReadingStore } from './store/reading-store.ts';
export { defaultRetention, type Retention, type RetentionTier } from './store/retention.ts';
export { type DeviceRecord, mostGoneRollouts, type RolloutRecord } from './store/rollout-rows.ts';
export type {
  AlertRuleRow,
  AuditDraft,
  CertificateRow,
  ClaimRow,
  DriftIncidentRow,
  EventRow,
  MetricsRow,
  SeriesRow,
  TokenRow,
} from './store/rows.ts';
export type {
  AlertsAbout,
  Change,
  Commit,
  CommitResult,
  LoadSince,
  MetricRequest,
  MetricResult,
  SetAside,
  Store,
  StoredDevice,
  StoredFleet,
} from './store/store.ts';
export {
  auditOf,
  eventBytes,
  eventOf,
  parseJson,
  seriesOf,
  severities,
  timeRange,
} from './store/stored-rows.ts';
export {
  type TransferPart,
  type TransferPosition,
  type TransferRow,
  type TransferSource,
  type TransferTable,
  type TransferTarget,
  type TransferValue,
  transferColumns,
  transferTables,
} from './store/transfer.ts';
export type { NamedBundle } from './trust/named-bundle.ts';
export { TrustService, type TrustStatus } from './trust/trust-service.ts';
