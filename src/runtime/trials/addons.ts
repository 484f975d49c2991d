import { type AddonFile, type AddonName, addonFiles, refuseNative } from '../../../device/native/index.ts';
import {
  asGoshawkError,
  CancelledError,
  defined,
  type GoshawkError,
  MissingError,
} from '../../base/index.ts';
import { unpackError } from '../../platform/index.ts';
import { runJob } from './run-job.ts';

/** `broken`: it is installed and does not load, or the compiler refused it. `absent`: it is not here, or what it is for is not. */
export interface AddonVerdict {
  readonly addon: AddonName;
  readonly state: 'loads' | 'absent' | 'broken';
  readonly installed: boolean;
  readonly detail: string;
  /** Absent where it loads. */
  readonly remedy?: string;
}

/** What is installed, and whether it loads, in the words of the loader; pure. */
export function judgeAddon({ name, file, detail, remedy, buildFailed }: AddonFile, error?: GoshawkError) {
  const verdict = (state: AddonVerdict['state'], words: string, what?: string): AddonVerdict => ({
    ...{ addon: name, state, installed: file !== undefined, detail: words },
    ...defined({ remedy: what }),
  });
  if (file === undefined) return verdict(buildFailed ? 'broken' : 'absent', detail, remedy);
  if (error !== undefined) {
    const state = error.code === 'addon-library-absent' ? 'absent' : 'broken';
    return verdict(state, error.message, error.remedy);
  }
  return verdict('loads', `loads; compiled ${detail}`);
}

export interface AddonPorts {
  readonly signal: AbortSignal;
  /** Default: what is installed here. */
  readonly files?: readonly AddonFile[];
  /** Loads them in a process of its own; rejects where it died. */
  readonly load?: (addons: readonly AddonName[]) => Promise<ReadonlyMap<AddonName, GoshawkError>>;
}

/**
 * Loads every part that is installed, never in this process: a bad one may end the process that loads it. All in one, and each
 * in one of its own where that died.
 */
export async function tryAddons(ports: AddonPorts): Promise<readonly AddonVerdict[]> {
  const { files = addonFiles(), load = (addons) => loadAside(addons, ports.signal) } = ports;
  const here = files.filter(({ file }) => file !== undefined).map(({ name }) => name);
  const errors = here.length === 0 ? new Map<AddonName, GoshawkError>() : await loadAll(here, load);
  const plane = errors.get('plane');
  // Nothing else that asks this process for it brings it down.
  if (plane !== undefined) refuseNative(new MissingError(plane.code, plane.message, plane.remedy));
  return files.map((file) => judgeAddon(file, errors.get(file.name)));
}

async function loadAll(
  here: readonly AddonName[],
  load: NonNullable<AddonPorts['load']>,
): Promise<ReadonlyMap<AddonName, GoshawkError>> {
  try {
    return await load(here);
  } catch (error) {
    if (error instanceof CancelledError) throw error;
  }
  const errors = new Map<AddonName, GoshawkError>();
  for (const addon of here) {
    try {
      for (const [name, error] of await load([addon])) errors.set(name, error);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      errors.set(addon, asGoshawkError(error, 'addon-load', 'Install Goshawk again.'));
    }
  }
  return errors;
}

/** A loaded board takes a minute to start a process: that is no fault of what it loads. */
const limitMs = 300_000;

async function loadAside(addons: readonly AddonName[], signal: AbortSignal) {
  const what = addons.length === 1 ? `Loading ${addons[0]}` : 'Loading the native parts';
  const { problems } = await runJob({ kind: 'load', addons }, { what, limitMs, signal });
  return new Map(problems.map(({ addon, error }) => [addon, unpackError(error)]));
}
