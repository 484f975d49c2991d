import { type Detection, type DetectionSettings, defaultDetectionSettings } from '../detection.ts';

const usual = defaultDetectionSettings;

/** True where settings leave out, or let in, what usual ones do not. The IoU can't be taken back after the fact. */
export function isFiltered({ scoreThreshold, maxDetections, classes }: DetectionSettings): boolean {
  return (
    classes.length > 0 || scoreThreshold !== usual.scoreThreshold || maxDetections !== usual.maxDetections
  );
}

/** What a detector is asked for so that usual settings can be served beside these. */
export function unfiltered(asked: DetectionSettings): DetectionSettings {
  return { ...asked, maxDetections: Math.max(asked.maxDetections, usual.maxDetections), classes: [] };
}

/** What is always looked for. A camera's own threshold says what is reported, not what is there. */
export interface Sought {
  readonly label: (label: string) => boolean;
  /** It is found down to this score. */
  readonly threshold: (camera: string) => number;
}

/**
 * What a detector is asked for, so that nothing that is always looked for is left out by a camera's settings. The IoU stays: boxes
 * that it drops can't be told apart from doubles afterwards.
 */
export function widened(
  asked: DetectionSettings,
  labels: readonly string[],
  seeks: Sought | undefined,
  camera: string,
): DetectionSettings {
  const sought = seeks === undefined ? [] : labels.filter(seeks.label);
  if (seeks === undefined || sought.length === 0) return asked;
  const { classes } = asked;
  return {
    scoreThreshold: Math.min(asked.scoreThreshold, seeks.threshold(camera)),
    iouThreshold: asked.iouThreshold,
    maxDetections: Math.max(asked.maxDetections, defaultDetectionSettings.maxDetections),
    classes: classes.length === 0 ? classes : [...new Set([...classes, ...sought])],
  };
}

/** What the settings ask for, of what was found: the strongest first. The score is left to the tracker. */
export function narrowed(
  detections: readonly Detection[],
  { classes, maxDetections }: DetectionSettings,
): readonly Detection[] {
  const named = classes.length === 0 ? detections : detections.filter(({ label }) => classes.includes(label));
  return named.length > maxDetections ? named.slice(0, maxDetections) : named;
}
