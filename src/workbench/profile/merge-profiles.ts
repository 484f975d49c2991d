import { stat } from 'node:fs/promises';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { readKept } from '../../adapters/learning/index.ts';
import { GoshawkError, InputError, RefusedError } from '../../base/index.ts';
import { type LearningPart, mergeLearning } from '../../drift/index.ts';
import {
  learningPathOf,
  type MadeProfile,
  type ProfilePlace,
  pathOf,
  refuseBeforeMaking,
  writeMade,
} from './make-profile.ts';

export interface MergeOptions extends ProfilePlace {
  /** Profiles with what they were learned from beside them, or that alone (`.learning`). */
  readonly merge: readonly string[];
  /** The profile that is there comes first. */
  readonly add: boolean;
}

/** One profile of what several were learned from, in the order of the files: see `mergeLearning`. */
export async function mergeProfiles(folder: string, options: MergeOptions): Promise<MadeProfile> {
  const { camera, merge, add } = options;
  const bundle = await readBundle(folder, 'digests');
  const path = pathOf(bundle, options);
  await refuseBeforeMaking(path, bundle, { ...options, replace: options.replace === true || add });
  const files = add ? [path, ...merge] : merge;
  if (files.length < 2)
    throw new InputError(
      'merge-one',
      `One profile, ${files.join()}, has nothing to be merged with.`,
      'Name two or more after --merge, or give --add to merge it into the profile that is there.',
    );
  return writeMade(bundle, path, await merged(files, { modelDigest: bundle.digest, camera }), options);
}

async function merged(files: readonly string[], about: Parameters<typeof mergeLearning>[1]) {
  try {
    const parts: LearningPart[] = [];
    for (const file of files) parts.push(await readPart(file));
    return mergeLearning(parts, about);
  } catch (cause) {
    if (!(cause instanceof GoshawkError) || cause.code === 'learning-missing') throw cause;
    // Learning does not start again here, as it does on a device.
    const { code, message } = cause;
    if (cause instanceof RefusedError) throw new RefusedError(code, message, sameOnly, { cause });
    throw new InputError(code, message, learnAgain, { cause });
  }
}

const sameOnly =
  'Merge what was learned with this bundle, for this camera in its place, with the same picture size and settings.';
const learnAgain = 'Copy the file again, or learn its recording again: --source FILE --add.';

async function readPart(file: string): Promise<LearningPart> {
  const path = file.endsWith('.learning') ? file : learningPathOf(file);
  const kept = await readKept(path);
  if (kept !== undefined) return { state: kept.state, where: `The learned state in ${path}` };
  const alone = path !== file && (await stat(file).catch(() => undefined)) !== undefined;
  throw new InputError(
    'learning-missing',
    alone
      ? `${file} is a finished profile. The state of its learning, ${path}, is missing.`
      : `There is no ${path}.`,
    'Copy the .learning file too, or learn its recording again: --source FILE --add.',
  );
}
