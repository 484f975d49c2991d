export { actorOf, type Caller, mayAct, type Secrets, TokenBook } from './access.ts';
export type { WebhookMessage, Webhooks } from './alerts/courier.ts';
export { type AlertRuleRow, originOf } from './alerts/rule.ts';
export * from './api.ts';
export { AuditChecker, auditRoot, type HashText, sealAudit } from './audit.ts';
export { type CocoDataset, cocoDataset, imageName } from './coco.ts';
export type { Latest } from './device.ts';
export { Device } from './device.ts';
export type { DriftIncidentRow } from './drift/incident.ts';
export type { FrameDesk } from './frames.ts';
export { addHistogram, countAtMost, emptyHistogram, type Histogram, quantile } from './histogram.ts';
export { type Artifacts, ModelShelf, type StoredBundle } from './models.ts';
export type { OfficeNews } from './newsroom.ts';
export { Office, type OfficeOptions, type OfficePorts } from './office.ts';
export type { Orders } from './orders.ts';
export type { PreviewWatcher, PreviewWish } from './preview.ts';
export { Registry } from './registry.ts';
export {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  mergeAggregate,
  SeriesBuilder,
  tierFor,
  tierSpanMs,
} from './rollup.ts';
export {
  type AuditDraft,
  type CatalogueRow,
  type Change,
  type Commit,
  type CommitResult,
  type DeviceRow,
  defaultRetention,
  type EventRow,
  type LoadSince,
  type MetricRequest,
  type MetricResult,
  type MetricsRow,
  type Retention,
  type RetentionTier,
  type SeriesRow,
  type Store,
  type StoredDevice,
  type StoredFleet,
  type TokenRow,
} from './store.ts';
