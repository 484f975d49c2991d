import {
  networkDigest,
  profilePathIn,
  readBundle,
  readProfile,
  type StoredProfile,
  writeProfile,
} from '../../adapters/filesystem/index.ts';
import { readKept, writeKept } from '../../adapters/learning/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { asGoshawkError, CancelledError, InputError, RefusedError } from '../../base/index.ts';
import {
  checkProfileModel,
  ProfileBuilder,
  type ReferenceProfile,
  resumeLearning,
  saveLearning,
  shortcomings,
} from '../../drift/index.ts';
import { type Bundle, bundledProfile } from '../../model/index.ts';
import { createDetector, type EngineChoice, RosLink } from '../../runtime/index.ts';
import { refuseInTheWay } from '../in-the-way.ts';
import type { WorkPorts } from '../ports.ts';
import { type LearnedOptions, learn, openLearned } from './learn.ts';
import { putInside } from './put-inside.ts';

export interface ProfilePlace {
  readonly camera: string;
  /** Default: inside the bundle, where it has one, else beside it. */
  readonly out?: string;
  /** Folder of a bundle to write, like this one with the profile inside. */
  readonly into?: string;
  readonly replace?: boolean;
}

export interface ProfileOptions extends ProfilePlace, LearnedOptions {
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly timesOfDay: number;
  readonly utcOffsetHours: number;
  /** Goes on from what was learned for this profile before. */
  readonly add: boolean;
}

export interface CheckedProfile {
  /** Its file. */
  readonly path: string;
  readonly digest: string;
  readonly modelDigest: string;
  readonly model: string;
  readonly version: string;
  /** The bundle that holds it. */
  readonly bundle?: Bundle;
}

export interface MadeProfile extends CheckedProfile {
  /** Of life that it was learned from. */
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** That were seen long enough. */
  readonly timesOfDay: number;
  readonly timesWanted: number;
  readonly mutedRules: readonly string[];
  /** What it lacks to be trusted, in sentences. */
  readonly shortcomings: readonly string[];
}

/** Whether the profile of a camera belongs to the bundle; puts it into one where that is asked for. */
export async function checkProfile(folder: string, place: ProfilePlace): Promise<CheckedProfile> {
  const { camera, into, replace = false } = place;
  const bundle = await readBundle(folder, 'digests');
  const path = pathOf(bundle, place);
  const stored = await readProfile(path);
  if (stored === undefined) {
    throw new InputError(
      'profile-missing',
      `There is no profile at ${path}.`,
      'Make one: goshawk model profile bundle/ --source DIR|VIDEO|sim|ros:TOPIC',
    );
  }
  checkBelongs(stored.profile, bundle);
  if (into === undefined) return described(stored, bundle);
  return describedIn(await putInside(bundle, camera, stored.profile, { into, replace }), camera);
}

/** Learns what is usual for one camera and one model, and writes it beside the bundle, or a bundle that holds it. */
export async function makeProfile(
  folder: string,
  options: ProfileOptions,
  { log, startProgress, signal }: WorkPorts,
): Promise<MadeProfile> {
  const { camera, engine, threads, durationMs, replace = false, add } = options;
  const bundle = await readBundle(folder, 'digests');
  const path = pathOf(bundle, options);
  await refuseBeforeMaking(path, bundle, { ...options, replace: replace || add });
  const clock = new SystemClock();
  const ros = new RosLink({ clock, log });
  const about = {
    ...{ modelDigest: bundle.digest, camera },
    ...{ buckets: options.timesOfDay, utcOffsetHours: options.utcOffsetHours },
  };
  const builder = add ? await continued(learningPathOf(path), about) : new ProfileBuilder(about);
  const learned = await openLearned(options, { clock, ros });
  const { detector } = await createDetector(bundle, { engine, threads, log });
  const bar = await startProgress('learning', learned.total);
  try {
    await learn(learned, builder, { clock, log, bar, detector, signal, durationMs });
  } finally {
    bar.stop();
    await detector.close();
    await ros.close();
  }
  if (signal.aborted) throw new CancelledError('Learning the profile');
  return writeMade(bundle, path, builder, options);
}

/** Nothing is begun that could not be written. */
export async function refuseBeforeMaking(path: string, bundle: Bundle, place: ProfilePlace): Promise<void> {
  if (place.into === undefined) await refuseToReplace(path, bundle, place);
  else await refuseInTheWay(place.into, place.replace === true);
}

/** The profile, and beside it what it was learned from. */
export async function writeMade(
  bundle: Bundle,
  path: string,
  builder: ProfileBuilder,
  { camera, into, replace = false }: ProfilePlace,
): Promise<MadeProfile> {
  await writeKept(learningPathOf(path), 'profile', saveLearning(builder));
  const profile = finished(builder);
  const checked =
    into === undefined
      ? described(await writeProfile(path, profile), bundle)
      : await describedIn(await putInside(bundle, camera, profile, { into, replace }), camera);
  return {
    ...checked,
    seconds: builder.progress.ticks,
    framesPerSecond: profile.framesPerSecond,
    timesOfDay: profile.buckets.length,
    timesWanted: builder.options.buckets ?? 1,
    mutedRules: profile.mutedRules,
    shortcomings: shortcomings(profile),
  };
}

/** What was learned for a profile lies beside it, so that more can come to it. */
export function learningPathOf(path: string): string {
  return `${path.replace(/\.json$/, '')}.learning`;
}

/** A builder that goes on where the last `makeProfile` of this profile ended. */
async function continued(path: string, about: ConstructorParameters<typeof ProfileBuilder>[0]) {
  try {
    const kept = await readKept(path);
    if (kept !== undefined) return resumeLearning(kept.state, about, `The learned state in ${path}`);
  } catch (cause) {
    const { code, message } = asGoshawkError(cause, 'learning-damaged');
    throw new InputError(code, message, anew, { cause });
  }
  throw new InputError('learning-missing', `No learned profile at ${path} to add to.`, anew);
}

const anew = 'Run it without --add: it learns from this source alone.';

function finished(builder: ProfileBuilder): ReferenceProfile {
  try {
    return builder.finish();
  } catch (cause) {
    if (!(cause instanceof InputError) || cause.code !== 'profile-short') throw cause;
    const remedy = `${cause.remedy} What was learned is kept: run it again with another source and --add.`;
    throw new InputError(cause.code, cause.message, remedy, { cause });
  }
}

export function pathOf(bundle: Bundle, { camera, out }: ProfilePlace): string {
  return out ?? profilePathIn(bundle.location, camera);
}

function described({ profile, digest, path }: StoredProfile, { manifest }: Bundle): CheckedProfile {
  return { path, digest, modelDigest: profile.modelDigest, model: manifest.name, version: manifest.version };
}

async function describedIn(bundle: Bundle, camera: string): Promise<CheckedProfile> {
  const stored = await readProfile(profilePathIn(bundle.location, camera));
  if (stored === undefined) throw new RangeError('the profile was just written');
  return { ...described(stored, bundle), bundle };
}

/** Of the bundle, or of its network. */
function checkBelongs(profile: ReferenceProfile, bundle: Bundle): void {
  if (profile.modelDigest !== networkDigest(bundle.manifest)) checkProfileModel(profile, bundle.digest);
}

/** What took hours to learn is not lost by a mistyped camera, and a bundle not broken by a file in it that is another. */
async function refuseToReplace(path: string, bundle: Bundle, options: ProfilePlace): Promise<void> {
  if (options.out === undefined && bundledProfile(bundle.manifest, options.camera) !== undefined) {
    throw new RefusedError(
      'profile-inside',
      `The bundle holds a profile of camera ${options.camera}; a bundle is not changed in its place.`,
      'Name the folder of a new bundle with --into.',
    );
  }
  if (options.replace === true) return;
  const there = await readProfile(path);
  if (there === undefined) return;
  checkBelongs(there.profile, bundle);
  throw new RefusedError(
    'profile-exists',
    `A profile of this model exists at ${path} already.`,
    'Give --replace to learn it again, or another --camera or --out.',
  );
}
