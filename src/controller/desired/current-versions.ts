import type { DesiredSettings, ModelChoice, SlotChoice } from '../../api/index.ts';
import { chooseVersion, isMoving, isNewer, type VersionedBundle } from '../models/version-policy.ts';

/** A slot whose policy means another bundle now. */
export interface Move {
  readonly slot: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface CurrentVersions {
  readonly settings: DesiredSettings;
  readonly moves: readonly Move[];
}

/** Settings with what their policies mean now. A model that moves has a new order, and all the time for it. */
export function withCurrentVersions(
  settings: DesiredSettings,
  bundles: readonly VersionedBundle[],
  newOrder: () => string,
): CurrentVersions {
  const moves: Move[] = [];
  const follow = (slot: string, model: ModelChoice): ModelChoice => {
    const { name, policy } = model;
    const found = isMoving(policy) ? chooseVersion(bundles, name, policy) : undefined;
    if (found === undefined || policy === undefined || found.digest === model.digest) return model;
    if (!isNewer(found, model, bundles)) return model;
    moves.push({ slot, name, from: model.version, to: found.version });
    return { name, version: found.version, digest: found.digest, order: newOrder(), policy };
  };
  const { slots } = settings;
  if (slots === undefined) return { settings, moves };
  return { settings: { ...settings, slots: mapModels(slots, follow) }, moves };
}

/** Every slot with another model. */
export function mapModels(
  slots: Readonly<Record<string, SlotChoice>>,
  change: (slot: string, model: ModelChoice) => ModelChoice,
): Record<string, SlotChoice> {
  return Object.fromEntries(
    Object.entries(slots).map(([slot, choice]) => [slot, { ...choice, model: change(slot, choice.model) }]),
  );
}
