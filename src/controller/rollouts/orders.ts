import type { DesiredSettings, ModelChoice } from '../../api/index.ts';
import { withModel } from '../desired/slot-service.ts';
import type { Device } from '../fleet/device.ts';
import { withArm, withNewShare, withoutArm } from './experiment/settings.ts';
import { isByCamera } from './experiment/stage.ts';
import type { Proposal } from './proposal.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import { hadBefore } from './superseded.ts';
import type { DeviceFacts } from './world.ts';

/** What a device is told now, and what is remembered of it. */
export interface Order {
  readonly settings: DesiredSettings;
  readonly record: DeviceRecord;
}

export interface OrderPorts {
  /** Unique for ever. */
  readonly newOrder: () => string;
  readonly nowMs: number;
  /** To see what a device had before orders that it never took. */
  readonly rollouts: Iterable<Rollout>;
}

/** What a proposal means for a device as it is now; undefined: there is nothing to tell. */
export function orderFor(
  rollout: Rollout,
  record: DeviceRecord,
  proposal: Proposal,
  facts: DeviceFacts,
  device: Device,
  { newOrder, nowMs, rollouts }: OrderPorts,
): Order | undefined {
  const { settings } = device;
  const { own } = facts;
  const { reason: _, by: __, ...rest } = record;
  switch (proposal.kind) {
    case 'deploy': {
      const { held } = proposal;
      const order = newOrder();
      const model: ModelChoice = { ...rollout.model, order, ...(held ? { hold: true } : {}) };
      return {
        settings: isByCamera(rollout)
          ? withArm(settings, rollout, model)
          : withModel(device, rollout.slot, model),
        record: {
          ...rest,
          ...{ state: 'ordered', sinceMs: nowMs, orderedMs: nowMs, held, order },
          ...hadBefore(rollouts, facts, nowMs),
        },
      };
    }
    case 'hold': {
      if (own === undefined || own.order !== record.order) return undefined;
      const { hold: _, ...model } = own;
      const { held } = proposal;
      const next = held ? { ...model, hold: true as const } : model;
      return { settings: withModel(device, rollout.slot, next), record: { ...record, held } };
    }
    case 'revert': {
      const isOurs = record.order !== undefined && own?.order === record.order;
      const bare = withoutArm(settings, rollout, device.id);
      // Another's order stays: it is not ours to take back.
      if (!isOurs && bare === settings) return undefined;
      const before = modelBefore(record, facts.groupNames, newOrder);
      const hasMore = isOurs && !isByCamera(rollout);
      return {
        settings: hasMore ? withModel({ ...device, settings: bare }, rollout.slot, before) : bare,
        record: { ...rest, state: 'reverting', sinceMs: nowMs },
      };
    }
    case 'share':
      return { settings: withNewShare(settings, rollout), record };
    case 'release':
      return { settings: withoutArm(settings, rollout, device.id), record };
  }
}

/**
 * What its own settings named, by a new order: the old one may be that of a model which failed since. Where they named
 * nothing its groups say it again; where these say nothing either, what it ran: no order means that it keeps what runs.
 */
function modelBefore(
  { before, ranBefore }: DeviceRecord,
  groupNames: boolean,
  newOrder: () => string,
): ModelChoice | undefined {
  if (before !== undefined) {
    const { hold: _, overrideSafety: __, expiresAtMs: ___, ...model } = before;
    return { ...model, order: newOrder() };
  }
  return groupNames || ranBefore === undefined ? undefined : { ...ranBefore, order: newOrder() };
}
