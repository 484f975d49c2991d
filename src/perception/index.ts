export {
  type Box,
  type Detection,
  type DetectionSettings,
  type DetectorIdentity,
  type DetectorResult,
  defaultDetectionSettings,
  type PerceptionResult,
  type StageTimings,
  type TrackedDetection,
} from './detection.ts';
export {
  type Encoding,
  encodings,
  type Frame,
  type FrameReceiver,
  type FrameSource,
  type Pixels,
} from './frame.ts';
export type { DetectionSink, Detector } from './ports.ts';
