import type { DesiredSettings, Group, ModelChoice, SlotSource } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { mapModels } from './current-versions.ts';

export type Orderer = NonNullable<ModelChoice['ordered']>;

/** Settings in which each model says who ordered it: a new order is of `now`, others stay as they were. */
export function withOrderers(
  settings: DesiredSettings,
  before: DesiredSettings,
  now: Orderer,
): DesiredSettings {
  const { slots } = settings;
  if (slots === undefined) return settings;
  const signed = (slot: string, { ordered: _, ...model }: ModelChoice): ModelChoice => {
    const old = before.slots?.[slot]?.model;
    const isSame = old !== undefined && old.order === model.order;
    return { ...model, ...defined({ ordered: isSame ? old.ordered : now }) };
  };
  return { ...settings, slots: mapModels(slots, signed) };
}

/** Where the model of each slot comes from; `groups` by name. */
export function slotSources(groups: readonly Group[], own: DesiredSettings): Record<string, SlotSource> {
  const sources: Record<string, SlotSource> = {};
  const layers = [...groups.map(({ name, settings }) => ({ group: name, settings })), { settings: own }];
  for (const { settings, ...from } of layers)
    for (const [slot, { model }] of Object.entries(settings.slots ?? {}))
      sources[slot] = { ...from, ...model.ordered };
  return sources;
}
