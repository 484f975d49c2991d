import {
  type DetectionSettings,
  type DetectorIdentity,
  defaultDetectionSettings,
  unknownClasses,
} from '../perception/index.ts';
import { invalid, type Parameters } from './request.ts';

const between = (low: number, high: number, whole = false) => ({ low, high, whole });

/** Parameters of a request that the model is asked with. Others, of clients and gateways, are no matter. */
const numbers = {
  score_threshold: { setting: 'scoreThreshold', ...between(0, 1) },
  iou_threshold: { setting: 'iouThreshold', ...between(0, 1) },
  max_detections: { setting: 'maxDetections', ...between(1, 10_000, true) },
} as const;

/** Throws an InputError for a value out of range and for a class that the model does not have. */
export function askedSettings(parameters: Parameters, identity: DetectorIdentity): DetectionSettings {
  const settings = { ...defaultDetectionSettings };
  for (const [name, { setting, low, high, whole }] of Object.entries(numbers)) {
    const given = parameters[name];
    if (given === undefined) continue;
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof value !== 'number' || !(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw invalid(
        `The parameter ${name} is ${JSON.stringify(given)}.`,
        `It is a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`,
      );
    Object.assign(settings, { [setting]: value });
  }
  const { classes } = parameters;
  if (classes === undefined || classes === '') return settings;
  const wanted = String(classes)
    .split(',')
    .map((label) => label.trim());
  const wrong = unknownClasses(wanted, identity);
  if (wrong !== undefined) throw wrong;
  return { ...settings, classes: wanted };
}
