export { EvidenceReader, type EvidenceRequest } from './evidence-reader.ts';
export type { WaveDevice } from './wave-device.ts';
