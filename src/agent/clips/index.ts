export { type ClipReading, ClipRecorder, type ClipRecorderPorts } from './clip-recorder.ts';
export { type HiddenMoment, hiddenDuring } from './hidden-track.ts';
export type { PacketSpool, SpooledBytes } from './packet-spool.ts';
export type {
  ClipHiding,
  ClipJob,
  ClipPart,
  ClipStore,
  WriteClip,
  WrittenClip,
} from './ports.ts';
