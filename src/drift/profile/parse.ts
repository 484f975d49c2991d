import { Value } from '@sinclair/typebox/value';
import { InputError, LimitError, RefusedError } from '../../base/index.ts';
import { pointCount } from '../signals/catalogue.ts';
import { Profile, type ReferenceProfile } from './schema.ts';

/** A profile of 24 hours has some 700 kB. */
export const maxProfileBytes = 2_000_000;

const again = 'Make the profile again with `goshawk model profile`, or let the device learn it again.';

/** Reads a profile's text. Throws an InputError or a LimitError that says what is wrong with it. `where` names it. */
export function parseProfile(text: string, where: string): ReferenceProfile {
  if (text.length > maxProfileBytes) {
    throw new LimitError(
      'profile-size',
      `${where} has ${text.length} characters; ${maxProfileBytes} are read.`,
      again,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError('profile-not-json', `${where} is not JSON.`, again, { cause });
  }
  if (!Value.Check(Profile, value)) {
    const first = Value.Errors(Profile, value).First();
    throw new InputError(
      'profile-field',
      `${where}: ${first?.path || 'the document'}: ${first?.message ?? 'not a profile'}.`,
      again,
    );
  }
  const broken = inconsistency(value);
  if (broken !== undefined) throw new InputError('profile-field', `${where}: ${broken}.`, again);
  return value;
}

export function formatProfile(profile: ReferenceProfile): string {
  return `${JSON.stringify(profile)}\n`;
}

/** Throws a RefusedError unless the profile was made with this model: another one has other scores. */
export function checkProfileModel(profile: ReferenceProfile, modelDigest: string): void {
  if (profile.modelDigest === modelDigest) return;
  throw new RefusedError(
    'profile-model',
    `The drift profile belongs to the model ${profile.modelDigest}, but ${modelDigest} runs.`,
    'Make a profile with this model, or let the device learn it; until then what the model gives is not watched.',
  );
}

/** What the schema can't say: a tree that leads nowhere would hang or crash the monitor. */
function inconsistency(profile: ReferenceProfile): string | undefined {
  for (const { feature, split, left } of profile.forest.trees) {
    if (split.length !== feature.length || left.length !== feature.length)
      return 'a tree has arrays of unequal length';
    for (const [node, f] of feature.entries()) {
      if (f < 0) continue;
      const child = left[node]!;
      if (f >= pointCount || child <= node || child + 1 >= feature.length) return 'a tree points nowhere';
    }
  }
  const brokenMix = inconsistentMix(profile);
  if (brokenMix !== undefined) return brokenMix;
  for (const { mean, factor } of [
    profile.gaussian,
    ...(profile.embedding ? [profile.embedding.gaussian] : []),
  ]) {
    if (factor.length !== mean.length ** 2) return 'a covariance does not fit its mean';
    for (let i = 0; i < mean.length; i++) {
      if (!(factor[i * mean.length + i]! > 0)) return 'a covariance is not positive';
    }
  }
  for (const { classShapes } of profile.buckets)
    for (const [share, _x, _y, _area, _aspect, ...deviations] of Object.values(classShapes))
      if (!(share! > 0) || deviations.some((one) => !(one > 0))) return 'the boxes of a class have no spread';
  if (profile.gaussian.mean.length !== pointCount) return 'the covariance is of other signals';
  return undefined;
}

function inconsistentMix({ classMix, buckets }: ReferenceProfile): string | undefined {
  for (const { classMix: shares } of buckets) {
    if ((shares === undefined) !== (classMix === undefined)) return 'a mix of classes is missing';
    if (classMix === undefined || shares === undefined) continue;
    if (shares.length !== classMix.busy.length + 1) return 'a mix of classes has other levels';
    if (shares.some((level) => level.length !== classMix.labels.length + 1))
      return 'a mix of classes has other slots';
  }
  if (classMix?.busy.some((begin, i) => i > 0 && begin < classMix.busy[i - 1]!))
    return 'levels of busyness do not rise';
  return undefined;
}
