import type { DesiredSettings, Group, ModelChoice, SlotChoice } from '../../api/index.ts';
import { canonicalJson, defined, describeError, encodeUtf8, InputError } from '../../base/index.ts';
import {
  type Desired,
  type DesiredModel,
  type DesiredSlot,
  encodePayload,
  maxBytesOf,
  type PipelineSettings,
} from '../../protocol/index.ts';
import { mapModels } from './current-versions.ts';

type Retry = NonNullable<DesiredSettings['retries']>[string];

/**
 * What one device shall do: the settings of its groups in the order of their names, later over earlier, and its own
 * over all of them. Slots are merged slot by slot, pipelines camera by camera and field by field, drift one
 * level deeper.
 */
export function mergeSettings(groups: readonly Group[], own: DesiredSettings): DesiredSettings {
  const layers = [...groups].sort((a, b) => (a.name < b.name ? -1 : 1)).map((group) => group.settings);
  const retries: Record<string, Retry> = {};
  const slots: Record<string, SlotChoice> = {};
  const pipelines: Record<string, PipelineSettings> = {};
  for (const layer of [...layers, own]) {
    Object.assign(retries, layer.retries);
    Object.assign(slots, layer.slots);
    for (const [camera, settings] of Object.entries(layer.pipelines ?? {})) {
      const below = pipelines[camera];
      const drift = mergeDrift(below?.drift, settings.drift);
      pipelines[camera] = { ...below, ...settings, ...defined({ drift }) };
    }
  }
  const tried = (slot: string, model: ModelChoice) => retried(model, retries[slot]);
  return {
    ...(Object.keys(slots).length === 0 ? {} : { slots: mapModels(slots, tried) }),
    ...(Object.keys(pipelines).length === 0 ? {} : { pipelines }),
  };
}

/** A retry counts for the order that it names: what is ordered after it has an id of its own. */
function retried(model: ModelChoice, retry: Retry | undefined): ModelChoice {
  return retry !== undefined && retry.of === model.order ? orderedAgain(model, retry.order) : model;
}

/** The same model with another order, which has all the time: the one before may have expired. */
export function orderedAgain({ name, version, digest, policy }: ModelChoice, order: string): ModelChoice {
  return { name, version, digest, order, ...defined({ policy }) };
}

/**
 * Settings as they are kept: a model gets the id of a new order, unless it carries the one that it was given before, as
 * it does where somebody changes something else.
 */
export function withOrder(
  settings: DesiredSettings,
  before: DesiredSettings,
  newOrder: () => string,
): DesiredSettings {
  const ordered = (model: ModelChoice, old: ModelChoice | undefined): ModelChoice => {
    const kept = model.order !== undefined && model.order === old?.order && model.digest === old.digest;
    return kept ? model : { ...model, order: newOrder() };
  };
  const { slots } = settings;
  if (slots === undefined) return settings;
  return {
    ...settings,
    slots: mapModels(slots, (slot, model) => ordered(model, before.slots?.[slot]?.model)),
  };
}

/** A device whose own settings only say that it shall learn keeps the false-alarm rate of its group. */
function mergeDrift(
  below: PipelineSettings['drift'],
  above: PipelineSettings['drift'],
): PipelineSettings['drift'] {
  if (below === undefined || above === undefined) return above ?? below;
  const frames = { ...below.frames, ...above.frames };
  return { ...below, ...above, ...(Object.keys(frames).length === 0 ? {} : { frames }) };
}

export interface DesiredStep {
  readonly previous: Desired | undefined;
  readonly wanted: DesiredSettings;
  /** Generations seen elsewhere: the device's report, a retained message of an earlier life of this controller. */
  readonly seenGenerations: readonly number[];
  readonly nowMs: number;
  /** Devices of the fleet. */
  readonly fleet?: number;
}

/** Devices of a smaller fleet fetch a model as soon as they are told. */
const worthSpreading = 50;

/**
 * The next desired state, or undefined when the previous one says the same already. The generation passes every
 * plausible one seen anywhere, so that a controller with a lost or restored database is still listened to.
 */
export function nextDesired(step: DesiredStep): Desired | undefined {
  const { previous, wanted } = step;
  const content: Omit<Desired, 'generation' | 'timeMs'> = {
    ...(wanted.slots === undefined ? {} : { slots: desiredSlots(wanted.slots, step) }),
    ...defined({ pipelines: wanted.pipelines }),
  };
  const issued = previous?.generation ?? 0;
  const plausible = step.seenGenerations.filter((generation) => isPlausibleGeneration(generation, issued));
  const seen = Math.max(-1, ...plausible);
  if (previous === undefined) {
    if (Object.keys(content).length === 0) return undefined;
  } else if (seen <= previous.generation && sameContent(previous, content)) return undefined;
  return { generation: Math.max(issued, seen, 0) + 1, timeMs: step.nowMs, ...content };
}

/** Field by field: what a request carries beside them reaches no device. */
function desiredModel(choice: ModelChoice, { fleet = 0 }: DesiredStep): DesiredModel {
  const { name, version, digest, order, policy, hold, overrideSafety } = choice;
  return {
    ...{ name, version, digest },
    ...defined({ order, policy }),
    ...(hold === true ? { hold } : {}),
    ...(overrideSafety === true ? { overrideSafety } : {}),
    ...(fleet < worthSpreading ? {} : { fleet }),
  };
}

function desiredSlots(
  slots: Readonly<Record<string, SlotChoice>>,
  step: DesiredStep,
): Record<string, DesiredSlot> {
  return Object.fromEntries(
    Object.entries(slots).map(([slot, { model, share: _, ...scope }]) => {
      const { expiresAtMs } = model;
      const expiry = defined({ expiresAtMs });
      return [slot, { ...scope, ...expiry, model: desiredModel(model, step) }];
    }),
  );
}

function sameContent(previous: Desired, content: Omit<Desired, 'generation' | 'timeMs'>): boolean {
  const { generation: _, timeMs: __, ...before } = previous;
  return canonicalJson(withoutFleet(before)) === canonicalJson(withoutFleet(content));
}

/** A fleet that grew is no reason to order anything anew. */
function withoutFleet({ slots, ...others }: Omit<Desired, 'generation' | 'timeMs'>): object {
  if (slots === undefined) return others;
  const bare = ({ model: { fleet: _, ...model }, ...scope }: DesiredSlot) => ({ ...scope, model });
  return {
    ...others,
    slots: Object.fromEntries(Object.entries(slots).map(([slot, one]) => [slot, bare(one)])),
  };
}

/** Orders that a lost database can have held, with a wide margin. */
const maxGenerationLead = 1_000_000;
/** Leaves room for orders below the largest whole number of a payload. */
const maxGeneration = 2 ** 50;

/**
 * Whether a device, or a message that the broker retains, can truly know a generation so far above the one that this
 * controller issued. One that claims more must not set the number of the next order: it could leave no number at all.
 */
export function isPlausibleGeneration(claimed: number, issued: number): boolean {
  return claimed <= Math.min(issued + maxGenerationLead, maxGeneration);
}

/** The message for the device, before anything about it is committed. InputError `order-too-large`. */
export function encodeDesired(device: string, desired: Desired): Uint8Array {
  const bytes = encodeUtf8(JSON.stringify(desired)).byteLength;
  const limit = maxBytesOf('desired');
  if (bytes > limit)
    throw new InputError(
      'order-too-large',
      `The settings of ${device} and of its groups take ${bytes} bytes together; the limit is ${limit}.`,
      'Name fewer classes, or set them for `*` instead of for every camera. No setting was changed.',
    );
  return encodePayload('desired', desired);
}

/** Why a stored desired state can't be published; undefined when it can. */
export function whyUnusable(device: string, desired: Desired): string | undefined {
  if (desired.generation > maxGeneration) return `its generation ${desired.generation} is too high`;
  try {
    encodeDesired(device, desired);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
