import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { type AddedCameras, CameraSetup } from '../../agent/index.ts';
import { type Clock, defined, RefusedError } from '../../base/index.ts';
import { makeFolder } from '../../platform/index.ts';
import { addedCamerasFile, mostCameras, readAddedCameras } from '../settings/added-cameras.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { addedSource, expectNetworks, expectReachable } from '../sources/added-source.ts';
import { findOwnCamera } from '../sources/camera-place.ts';
import { type TrialWiring, takeTrialPicture } from './camera-trial.ts';

/** Passwords of added cameras, one in a file. */
const passwordFolder = 'added-cameras';

export interface CameraSetupWiring extends Pick<TrialWiring, 'live'> {
  readonly clock: Clock;
  /** Those of the cameras that were added before, and are in `settings`. */
  readonly added: AddedCameras;
}

/** What the fleet may do with cameras of this device. `settings`: with those that were added before. */
export async function openCameraSetup(
  settings: AgentSettings,
  { added, clock, live }: CameraSetupWiring,
): Promise<CameraSetup> {
  const { dataDir, remote } = settings;
  expectNetworks(remote.cameraNetworks);
  const folder = join(dataDir, passwordFolder);
  const own = Object.fromEntries(
    Object.entries(settings.cameras).filter(([name]) => !Object.hasOwn(added, name)),
  );
  // Of a list that can't be read nobody knows what it needs.
  const listed = await readAddedCameras(dataDir).catch(() => undefined);
  if (listed !== undefined) await removeOthers(folder, listed);
  return new CameraSetup({
    clock,
    kinds: remote.cameras,
    own: Object.keys(own),
    most: mostCameras,
    list: () => readAddedCameras(dataDir),
    save: async (cameras) => {
      const text = `${JSON.stringify({ cameras }, undefined, 2)}\n`;
      await writeFileAtomic(addedCamerasFile(dataDir), text, { mode: 0o600 });
    },
    check: async (id, camera) => {
      const { kind, source, username, password } = addedSource(camera);
      await expectReachable({ kind, source }, remote.cameraNetworks);
      await expectNotOwn(source, own);
      if (password === undefined) return { kind, source, ...defined({ username }) };
      await makeFolder(folder, 0o700);
      const passwordFile = join(folder, `${id}.password`);
      await writeFileAtomic(passwordFile, `${password}\n`, { mode: 0o600 });
      return { kind, source, passwordFile, ...defined({ username }) };
    },
    take: (camera, role) => takeTrialPicture(camera, role, { settings, live }),
    forget: async ({ passwordFile }) => {
      if (passwordFile !== undefined) await rm(passwordFile, { force: true });
    },
  });
}

/** Under another name it would have neither the privacy nor the masks that its owner gave it. */
async function expectNotOwn(source: string, own: AgentSettings['cameras']): Promise<void> {
  const name = await (await findOwnCamera(own))(source);
  if (name === undefined) return;
  throw new RefusedError(
    'camera-own',
    `The settings file of this device uses this camera as ${name}, with its own privacy rule and masks.`,
    `Use the camera ${name}. For another stream of it, its owner adds a camera to the settings file.`,
  );
}

/** Of trials that an earlier run left, and of cameras that were removed. */
async function removeOthers(folder: string, listed: AddedCameras): Promise<void> {
  const kept = new Set(Object.values(listed).map(({ passwordFile }) => passwordFile));
  const files = await readdir(folder).catch(() => []);
  for (const file of files) {
    const path = join(folder, file);
    if (!kept.has(path)) await rm(path, { force: true });
  }
}
