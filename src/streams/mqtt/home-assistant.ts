import type { StreamMessage } from '../outlet.ts';
import type { StreamTopics } from './stream-topics.ts';

export interface HomeAssistantOptions {
  /** Name of the device. */
  readonly device: string;
  readonly version: string;
  readonly topics: StreamTopics;
  /** Where Home Assistant looks for new things. */
  readonly prefix: string;
  /** Classes to announce at once; others are announced when they are first seen. */
  readonly classes: readonly string[];
  /** Nothing has to be seen for so long before a camera counts as empty. */
  readonly clearSeconds: number;
}

/** A message that the broker keeps. */
export interface Retained {
  readonly topic: string;
  readonly payload: string;
}

/** Sensors of one camera at most; further classes are in the state and get no sensor. */
const mostClasses = 64;
/** A state is told so often at most, unless somebody comes. */
const stateEveryMs = 1_000;

interface CameraState {
  readonly announced: Set<string>;
  state: string;
  toldMs: number;
  occupied: boolean;
  seenMs: number;
}

/**
 * What Home Assistant gets of each camera: a sensor for each class with how many are seen, and one that says whether
 * anything is. Format: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
 */
export class HomeAssistant {
  readonly #options: HomeAssistantOptions;
  readonly #cameras = new Map<string, CameraState>();

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
  }

  /** What a result changes. `nowMs`: monotonic. */
  result({ camera, model, detections }: StreamMessage, nowMs: number): Retained[] {
    const known = this.#cameras.get(camera);
    const of = known ?? this.#begin(camera);
    const first = known === undefined ? this.#introduce(camera, of, model) : [];
    const counts: Record<string, number> = Object.create(null);
    for (const label of of.announced) counts[label] = 0;
    for (const { label } of detections) counts[label] = (counts[label] ?? 0) + 1;
    const fresh = Object.keys(counts).filter((label) => !of.announced.has(label));
    const added = fresh.slice(0, Math.max(0, mostClasses - of.announced.size));
    for (const label of added) of.announced.add(label);
    return [
      ...first,
      ...added.map((label) => this.#sensor(camera, label, model)),
      ...this.#state(camera, of, counts, nowMs),
    ];
  }

  camera(camera: string, there: boolean): Retained[] {
    return [{ topic: this.#options.topics.availability(camera), payload: there ? 'online' : 'offline' }];
  }

  #begin(camera: string): CameraState {
    const of = {
      announced: new Set<string>(),
      state: '',
      toldMs: Number.NEGATIVE_INFINITY,
      occupied: false,
      seenMs: Number.NEGATIVE_INFINITY,
    };
    this.#cameras.set(camera, of);
    return of;
  }

  #introduce(camera: string, of: CameraState, model: StreamMessage['model']): Retained[] {
    const classes = this.#options.classes.slice(0, mostClasses);
    for (const label of classes) of.announced.add(label);
    return [
      ...this.camera(camera, true),
      this.#occupancy(camera, model),
      ...classes.map((label) => this.#sensor(camera, label, model)),
    ];
  }

  #state(camera: string, of: CameraState, counts: Record<string, number>, nowMs: number): Retained[] {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (total > 0) of.seenMs = nowMs;
    const occupied = nowMs - of.seenMs < this.#options.clearSeconds * 1000;
    const state = JSON.stringify({ occupied, total, counts });
    const came = occupied && !of.occupied;
    if (state === of.state || (!came && nowMs - of.toldMs < stateEveryMs)) return [];
    of.state = state;
    of.occupied = occupied;
    of.toldMs = nowMs;
    return [{ topic: this.#options.topics.state(camera), payload: state }];
  }

  #occupancy(camera: string, model: StreamMessage['model']): Retained {
    return this.#config('binary_sensor', camera, 'occupied', model, {
      name: 'Occupied',
      device_class: 'occupancy',
      value_template: "{{ 'ON' if value_json.occupied else 'OFF' }}",
    });
  }

  #sensor(camera: string, label: string, model: StreamMessage['model']): Retained {
    return this.#config('sensor', camera, `class_${idOf(label)}`, model, {
      name: label,
      state_class: 'measurement',
      icon: 'mdi:counter',
      value_template: `{{ value_json.counts[${jinjaText(label)}] | default(0) }}`,
    });
  }

  #config(
    component: 'sensor' | 'binary_sensor',
    camera: string,
    object: string,
    model: StreamMessage['model'],
    own: Readonly<Record<string, unknown>>,
  ): Retained {
    const { device, version, topics, prefix } = this.#options;
    const node = `goshawk_${idOf(device)}_${idOf(camera)}`;
    const payload = {
      ...own,
      unique_id: `${node}_${object}`,
      state_topic: topics.state(camera),
      availability: [{ topic: topics.connection }, { topic: topics.availability(camera) }],
      availability_mode: 'all',
      device: {
        identifiers: [node],
        name: `${device} ${camera}`,
        manufacturer: 'Goshawk',
        ...(model === undefined ? {} : { model: `${model.name} ${model.version}`.trim() || 'no model' }),
        sw_version: version,
      },
      origin: { name: 'Goshawk', sw_version: version },
    };
    return { topic: `${prefix}/${component}/${node}/${object}/config`, payload: JSON.stringify(payload) };
  }
}

/** Home Assistant takes letters, digits, `_` and `-`; every other character is written by its number. */
function idOf(text: string): string {
  return [...text]
    .map((one) => (/[a-zA-Z0-9-]/.test(one) ? one : `_${one.codePointAt(0)!.toString(16)}`))
    .join('');
}

/** A text in a template: a label may hold anything, and must stay a text. */
function jinjaText(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const safe = units.map((unit) => {
    const one = String.fromCharCode(unit);
    return /[a-zA-Z0-9 _-]/.test(one) ? one : `\\u${unit.toString(16).padStart(4, '0')}`;
  });
  return `'${safe.join('')}'`;
}
