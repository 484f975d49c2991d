import type { DesiredSettings } from '../../api/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import { type CameraRules, checkRules } from '../../perception/index.ts';
import type { Device } from '../fleet/device.ts';

/** What one device can report, by the model that it is to run. */
export interface KnownLabels {
  /** A device, or the model that a group names. */
  readonly subject: string;
  readonly labels: readonly string[];
}

const mostNamed = 12;
const everyCamera = '*';

/**
 * Settings that name classes which no model has would leave a camera without detections and say nothing. InputError
 * `class-unknown` for a class that none of these models knows, and for a device that would know none of its camera's.
 * Devices whose labels the controller does not know are not in `known`, and nothing is refused for them. Zones and lines
 * that are none are refused whatever is known.
 */
export function checkPipelines(pipelines: DesiredSettings['pipelines'], known: readonly KnownLabels[]): void {
  const cameras = Object.entries(pipelines ?? {});
  for (const [, { rules }] of cameras) if (rules !== undefined) checkRules(rules);
  if (known.length === 0) return;
  for (const [camera, { classes = [], rules = {} }] of cameras)
    for (const named of [classes, ...rulesOf(rules)]) checkClasses(camera, named, known);
}

/**
 * Settings of a camera that no device of the target has would reach nobody. MissingError `camera-unknown`; nothing is refused where
 * one of the devices has not said yet which cameras it has, and for cameras that had settings before.
 */
export function checkCameras(
  pipelines: DesiredSettings['pipelines'],
  before: DesiredSettings['pipelines'],
  devices: readonly DeviceCameras[],
): void {
  const named = Object.keys(pipelines ?? {}).filter(
    (camera) => camera !== everyCamera && before?.[camera] === undefined,
  );
  expectCameras(named, devices, '; * means all');
}

/** Cameras of a device; undefined while it has not said which. */
export interface DeviceCameras {
  readonly id: string;
  readonly cameras: readonly string[] | undefined;
}

export const camerasOf = (devices: readonly Pick<Device, 'id' | 'birth'>[]): DeviceCameras[] =>
  devices.map(({ id, birth }) => ({ id, cameras: birth?.cameras }));

/** MissingError `camera-unknown` for a camera that no device has, as above. */
export function expectCameras(named: readonly string[], devices: readonly DeviceCameras[], also = ''): void {
  const there = devices.map(({ cameras }) => cameras);
  if (there.length === 0 || there.includes(undefined)) return;
  const all = [...new Set(there.flatMap((cameras = []) => cameras))].sort();
  const unknown = named.find((camera) => !all.includes(camera));
  if (unknown === undefined) return;
  const [only, ...more] = devices;
  throw new MissingError(
    'camera-unknown',
    `${more.length === 0 ? only?.id : 'No device of the group'} has ${more.length === 0 ? 'no' : 'a'} camera ${unknown}.`,
    `There ${all.length === 1 ? 'is' : 'are'} ${all.slice(0, mostNamed).join(', ') || 'none'}${also}.`,
  );
}

/** What each zone and line counts. */
function rulesOf({ zones = {}, lines = {} }: CameraRules): (readonly string[])[] {
  return [...Object.values(zones), ...Object.values(lines)].map(({ classes = [] }) => classes);
}

function checkClasses(camera: string, classes: readonly string[], known: readonly KnownLabels[]): void {
  if (classes.length === 0) return;
  const everywhere = new Set(known.flatMap(({ labels }) => labels));
  const unknown = classes.filter((name) => !everywhere.has(name));
  if (unknown.length > 0) throw refusal(camera, unknown, known[0]);
  const blind = known.find(({ labels }) => !classes.some((name) => labels.includes(name)));
  if (blind !== undefined) throw refusal(camera, classes, blind);
}

function refusal(camera: string, unknown: readonly string[], model: KnownLabels | undefined): InputError {
  const labels = model?.labels ?? [];
  const more = labels.length > mostNamed ? ` and ${labels.length - mostNamed} more` : '';
  return new InputError(
    'class-unknown',
    `${camera === '*' ? 'All cameras' : camera}: ${model?.subject ?? 'the model'} has no class ${unknown.join(', ')}.`,
    `It has ${labels.slice(0, mostNamed).join(', ')}${more}. An empty list means all.`,
  );
}
