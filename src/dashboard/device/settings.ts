import type { DesiredSettings, DeviceDetail, PipelineSettings } from '../api/types.ts';

/** The defaults of a pipeline that nobody configured (perception's `defaultDetectionSettings`). */
const pipelineDefaults = {
  enabled: true,
  scoreThreshold: 0.25,
  iouThreshold: 0.45,
  maxDetections: 300,
  classes: [] as readonly string[],
};

export interface Draft {
  readonly enabled: boolean;
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Empty means all. */
  readonly classes: readonly string[];
}

/** The settings of a camera: as reported, otherwise as desired, otherwise the defaults. */
export function settingsInForce(detail: DeviceDetail, camera: string): Draft {
  const reported = detail.reported?.pipelines;
  const desired = detail.desired?.pipelines;
  return {
    ...pipelineDefaults,
    ...desired?.['*'],
    ...desired?.[camera],
    ...reported?.['*'],
    ...reported?.[camera],
  };
}

/** The fields of `draft` that differ from what is in force; undefined when nothing does. */
export function changedFields(draft: Draft, inForce: Draft): PipelineSettings | undefined {
  const changed: PipelineSettings = {};
  if (draft.enabled !== inForce.enabled) changed.enabled = draft.enabled;
  if (draft.scoreThreshold !== inForce.scoreThreshold) changed.scoreThreshold = draft.scoreThreshold;
  if (draft.iouThreshold !== inForce.iouThreshold) changed.iouThreshold = draft.iouThreshold;
  if (draft.maxDetections !== inForce.maxDetections) changed.maxDetections = draft.maxDetections;
  if (draft.classes.join('\n') !== inForce.classes.join('\n')) changed.classes = [...draft.classes];
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/**
 * The body of a PUT that has to go before, where what is changed is wanted already and the device runs with something else:
 * somebody there set it, and an order that says the same as the last one is none. Undefined: nothing of it is wanted already.
 */
export function withoutWanted(
  settings: DesiredSettings,
  camera: string,
  changed: PipelineSettings,
): DesiredSettings | undefined {
  const wanted: Readonly<Record<string, unknown>> = { ...settings.pipelines?.[camera] };
  const again = Object.entries(changed).filter(
    ([key, value]) => key in wanted && JSON.stringify(value) === JSON.stringify(wanted[key]),
  );
  if (again.length === 0) return undefined;
  const names = new Set(again.map(([key]) => key));
  const others = Object.fromEntries(Object.entries(wanted).filter(([key]) => !names.has(key)));
  return { ...settings, pipelines: { ...settings.pipelines, [camera]: others } };
}

/** The whole body of the PUT: it replaces all settings, so those that are there are kept. */
export function withPipeline(
  settings: DesiredSettings,
  camera: string,
  changed: PipelineSettings,
): DesiredSettings {
  return {
    ...settings,
    pipelines: { ...settings.pipelines, [camera]: { ...settings.pipelines?.[camera], ...changed } },
  };
}
