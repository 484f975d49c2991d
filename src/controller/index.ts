export { actorOf, type Caller, mayAct, type Secrets, TokenBook } from './access.ts';
export type { WebhookMessage, Webhooks } from './alerts/courier.ts';
export { type AlertRuleRow, originOf } from './alerts/rule.ts';
export * from './api/index.ts';
export { AuditChecker, auditRoot, type HashText, sealAudit } from './audit.ts';
export type { DriftIncidentRow } from './drift/incident.ts';
export type { Latest } from './fleet/device.ts';
export { Device } from './fleet/device.ts';
export { Registry } from './fleet/registry.ts';
export { addHistogram, countAtMost, emptyHistogram, type Histogram, quantile } from './history/histogram.ts';
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
export type { OfficeNews } from './newsroom.ts';
export { Office, type OfficeOptions, type OfficePorts } from './office.ts';
export { type Artifacts, ModelShelf, type StoredBundle } from './orders/models.ts';
export type { Orders } from './orders/orders.ts';
export { type CocoDataset, cocoDataset, imageName } from './requests/coco.ts';
export type { FrameDesk } from './requests/frames.ts';
export type { PreviewWatcher, PreviewWish } from './requests/preview.ts';
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
