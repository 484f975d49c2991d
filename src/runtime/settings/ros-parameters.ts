import { parameterPrefix } from '../../adapters/ros2/index.ts';
import { InputError } from '../../base/index.ts';
import type { AgentSettings } from './agent.ts';

type Cameras = AgentSettings['cameras'];
type Own = NonNullable<Cameras[string]['settings']>;

/** What a parameter of a camera is in its settings; undefined for a value of another type, or out of range. */
const ofCamera: Readonly<Record<string, (value: unknown) => Own | undefined>> = {
  enabled: (enabled) => (typeof enabled === 'boolean' ? { enabled } : undefined),
  score_threshold: (value) => (isShare(value) ? { scoreThreshold: value } : undefined),
  iou_threshold: (value) => (isShare(value) ? { iouThreshold: value } : undefined),
  classes: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string')
      ? { classes: value as string[] }
      : undefined,
};

/**
 * Settings of an agent with the parameters that stood after `--ros-args`, each as `name:=value` with the value as JSON. They
 * go before the file, also when it is read again. Names are those of `ros2 param list`. Throws an InputError for another one.
 */
export function withRosParameters(settings: AgentSettings, given: readonly string[]): AgentSettings {
  let result = settings;
  for (const text of given) {
    const at = text.indexOf(':=');
    const [name, value] = [text.slice(0, at), valueIn(text.slice(at + 2))];
    result = withParameter(result, name, value);
  }
  return result;
}

function withParameter(settings: AgentSettings, name: string, value: unknown): AgentSettings {
  if (name === 'use_sim_time') {
    if (typeof value !== 'boolean') throw wrongValue(name, value);
    return { ...settings, ros: { ...(settings.ros ?? rosDefaults()), useSimTime: value } };
  }
  const names = cameraNames(settings.cameras);
  const [camera, parameter] = names.get(name) ?? [];
  const known = camera === undefined ? undefined : settings.cameras[camera];
  if (camera === undefined || parameter === undefined || known === undefined)
    throw new InputError(
      'ros-parameter',
      `There is no parameter ${name.slice(0, 60)}; there are ${['use_sim_time', ...names.keys()].slice(0, 40).join(', ')}.`,
      'Correct it after --ros-args; ros2 param describe says which parameters can change while it runs.',
    );
  const own = ofCamera[parameter]?.(value);
  if (own === undefined) throw wrongValue(name, value);
  return {
    ...settings,
    cameras: { ...settings.cameras, [camera]: { ...known, settings: { ...known.settings, ...own } } },
  };
}

/** As the node names them. */
function cameraNames(cameras: Cameras): ReadonlyMap<string, readonly [camera: string, parameter: string]> {
  const published = Object.keys(cameras).filter((camera) => cameras[camera]?.publish === 'ros');
  return new Map(
    published.flatMap((camera) =>
      Object.keys(ofCamera).map(
        (parameter) => [`${parameterPrefix(camera)}${parameter}`, [camera, parameter] as const] as const,
      ),
    ),
  );
}

export function rosDefaults(): NonNullable<AgentSettings['ros']> {
  return {
    ...{ node: '/goshawk', remap: [], adapter: 'auto', qos: [], bond: false, autoActivate: true },
    ...{ models: [], useSimTime: false },
  };
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function wrongValue(name: string, value: unknown): InputError {
  return new InputError(
    'ros-parameter',
    `The parameter ${name.slice(0, 60)} can't be ${JSON.stringify(value)?.slice(0, 60)}.`,
    'Give thresholds from 0 to 1, classes as a list of texts, enabled and use_sim_time as true or false.',
  );
}
