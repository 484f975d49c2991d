export { ClipRecorder, type ClipReading, type ClipRecorderPorts } from './clip-recorder.ts';
export { type HiddenMoment, hiddenDuring } from './hidden-track.ts';
export { type ClipPart, PacketRing } from './packet-ring.ts';
export type { ClipHiding, ClipJob, ClipStore, WriteClip, WrittenClip } from './ports.ts';
