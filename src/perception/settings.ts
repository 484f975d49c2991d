import { InputError } from '../base/index.ts';
import { type DetectionSettings, defaultDetectionSettings } from './detection.ts';
import { buildGraph } from './graph/graph.ts';
import type { NodeSettings } from './graph/node-settings.ts';
import { type CameraRules, checkRules, noRules } from './rules/index.ts';

/** What can be changed of one camera while it runs; the same names as in the fleet's pipeline settings. */
export interface CameraSettings extends DetectionSettings {
  /** A live camera that is off drops its frames, a replay waits. */
  readonly enabled: boolean;
  /** The camera's graph; absent: one node on frames with the main model, and what was set before while it runs. */
  readonly nodes?: readonly NodeSettings[];
  /** What is counted of the tracks of its main node. */
  readonly rules: CameraRules;
}

export const defaultCameraSettings: CameraSettings = {
  ...defaultDetectionSettings,
  enabled: true,
  rules: noRules,
};

/** Throws an InputError for values out of range, for nodes that make no graph, and for zones and lines that are none. */
export function checkSettings(settings: CameraSettings): void {
  for (const name of ['scoreThreshold', 'iouThreshold'] as const) {
    const value = settings[name];
    if (!(value >= 0 && value <= 1)) {
      throw new InputError(
        'settings-range',
        `${name} is ${value}; it must be from 0 to 1.`,
        'Give a number from 0 to 1.',
      );
    }
  }
  const { maxDetections } = settings;
  if (!Number.isInteger(maxDetections) || maxDetections < 1 || maxDetections > 10_000) {
    throw new InputError(
      'settings-range',
      `maxDetections is ${maxDetections}; it must be a whole number from 1 to 10000.`,
      'Usual values are 100 to 300.',
    );
  }
  if (settings.nodes !== undefined) buildGraph(settings.nodes);
  checkRules(settings.rules);
}
