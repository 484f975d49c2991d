import type { CameraShareAction, DesiredSettings, ModelChoice, SlotChoice } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { expectShare, withoutSlot } from '../desired/slot-service.ts';

/** One slot with a share in the settings of one owner, as somebody saw it. */
export interface SeenShare {
  readonly name: string;
  readonly slot: string;
  readonly of: string;
  readonly digest: string;
}

/**
 * The settings with what is to be done, by what they are now. RefusedError `share-changed` where somebody has changed them
 * since they were seen, `share-promoted`; InputError `slot-share`.
 */
export function editShare(
  settings: DesiredSettings,
  seen: SeenShare,
  { action, fromPercent = 0, toPercent = 100 }: CameraShareAction,
  newOrder: () => string,
): DesiredSettings {
  const { slot } = seen;
  const { share, ...choice } = expectSame(settings, seen);
  if (action === 'end') return withoutSlot(settings, slot, seen.name);
  const withShare = (next: NonNullable<SlotChoice['share']>) => ({
    ...settings.slots,
    [slot]: { ...choice, share: next },
  });
  if (action === 'change') {
    if (share.promoted === true) throw sharePromoted(seen.name, slot);
    expectShare({ fromPercent, toPercent }, false);
    return { ...settings, slots: withShare({ ...share, fromPercent, toPercent }) };
  }
  const { name, version, digest, policy } = choice.model;
  const model: ModelChoice = { name, version, digest, order: newOrder(), ...(policy && { policy }) };
  return { ...settings, slots: { ...withShare({ ...share, promoted: true }), [mainSlot]: { model } } };
}

/** The settings without a slot whose version runs in `main` everywhere. RefusedError `share-changed`. */
export function withoutPromoted(settings: DesiredSettings, seen: SeenShare): DesiredSettings {
  const { share, model } = expectSame(settings, seen);
  if (share.promoted === true && settings.slots?.[mainSlot]?.model.digest === model.digest)
    return withoutSlot(settings, seen.slot, seen.name);
  throw new RefusedError(
    'share-changed',
    `${seen.name} was given other orders meanwhile: ${model.name} ${model.version} is no more promoted there.`,
    'Look at it again: goshawk fleet models compare.',
  );
}

export function sharePromoted(where: string, slot: string): RefusedError {
  return new RefusedError(
    'share-promoted',
    `B is promoted in the slot ${slot} of ${where}: its cameras are of B until main has it, and its share is changed no more.`,
    'Wait until main runs it, or end the test.',
  );
}

function expectSame(
  { slots = {} }: DesiredSettings,
  { name, slot, of, digest }: SeenShare,
): SlotChoice & { readonly share: NonNullable<SlotChoice['share']> } {
  const choice = slots[slot];
  const share = choice?.share;
  if (choice === undefined || share?.of !== of)
    throw new RefusedError(
      'share-changed',
      `${name} has no share of ${of} in ${slot} any more.`,
      'Look at it again: goshawk fleet models compare.',
    );
  if (choice.model.digest === digest) return { ...choice, share };
  throw new RefusedError(
    'share-changed',
    `${name} was given ${choice.model.name} ${choice.model.version} in ${slot} meanwhile, and keeps it.`,
    'Look at it again: goshawk fleet models compare.',
  );
}
