import {
  type FindShipped,
  networkDigest,
  profilePathIn,
  readBundle,
} from '../../adapters/filesystem/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import { type Bundle, bundledProfile, fileIn } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';
import type { DeviceModels } from './device-models.ts';

/** As the agent's settings have it. */
export interface ShippedProfilesOptions {
  readonly models?: Readonly<Record<string, string>>;
  readonly cameras: Readonly<Record<string, { readonly profile?: string }>>;
}

export interface ShippedProfilesPorts {
  readonly models: Pick<DeviceModels, 'find'>;
  readonly log: Log;
}

/**
 * Where the reference profile of a camera may lie, nearest to the camera first: the file of the settings, the bundle of
 * the model that runs, and the folder of the settings' model, where profiles lay before bundles could hold them.
 */
export function shippedProfiles(
  { models: { [mainSlot]: model } = {}, cameras }: ShippedProfilesOptions,
  { models, log }: ShippedProfilesPorts,
): FindShipped {
  // Every camera asks for the same model after a swap, and to find it reads every byte of it.
  let last: { readonly digest: string; readonly bundle: Promise<Bundle | undefined> } | undefined;
  const find = (digest: string) => {
    if (last?.digest !== digest) {
      const bundle = models.find(digest).catch((error: unknown) => {
        log.warn('The model could not be looked at for drift profiles', { reason: describeError(error) });
        last = undefined;
        return undefined;
      });
      last = { digest, bundle };
    }
    return last.bundle;
  };
  return async (camera, modelDigest) => {
    const bundle = await find(modelDigest);
    const own = cameras[camera]?.profile;
    const inside = bundle === undefined ? undefined : bundledProfile(bundle.manifest, camera);
    const beside = model === undefined ? undefined : await profileBeside(model, camera);
    const paths = [
      own,
      bundle === undefined || inside === undefined ? undefined : fileIn(bundle, inside),
      beside,
    ].filter((path) => path !== undefined);
    return bundle === undefined ? { paths } : { paths, network: networkDigest(bundle.manifest) };
  };
}

/** One that the manifest there names is that bundle's own, and is found with it. */
async function profileBeside(folder: string, camera: string): Promise<string | undefined> {
  const bundle = await readBundle(folder).catch(() => undefined);
  const named = bundle !== undefined && bundledProfile(bundle.manifest, camera) !== undefined;
  return named ? undefined : profilePathIn(folder, camera);
}
