export { EvidenceReader, type EvidenceRequest, usualHistoryDays } from './evidence-reader.ts';
export type { WaveDevice } from './wave-device.ts';
