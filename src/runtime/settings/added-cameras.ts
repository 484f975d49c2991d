import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AddedCameras } from '../../agent/index.ts';
import { describeError, InputError } from '../../base/index.ts';
import { AddedName } from '../../protocol/index.ts';
import { addedSource } from '../sources/added-source.ts';
import { findOwnCamera } from '../sources/camera-place.ts';
import { redactSource } from '../sources/redact.ts';
import { AgentSettings, type CameraSetting } from './agent.ts';
import { readAgentSettings } from './agent-file.ts';

/** Of all cameras; a birth names no more. */
export const mostCameras = 64;

const Added = Type.Object({
  cameras: Type.Record(
    AddedName,
    Type.Object({
      source: Type.String({ minLength: 1, maxLength: 1000 }),
      username: Type.Optional(Type.String({ maxLength: 200 })),
      passwordFile: Type.Optional(Type.String({ maxLength: 4096 })),
    }),
    { additionalProperties: false },
  ),
});

/** In the data folder: the settings file stays its owner's. */
export function addedCamerasFile(dataDir: string): string {
  return join(dataDir, 'added-cameras.json');
}

/** InputError `added-cameras-broken` for a file that is there and not what it must be. */
export async function readAddedCameras(dataDir: string): Promise<AddedCameras> {
  const path = addedCamerasFile(dataDir);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw broken(path, describeError(error), error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(path, 'it is no JSON', error);
  }
  if (!Value.Check(Added, value)) throw broken(path, 'it is not a list of cameras');
  return value.cameras as AddedCameras;
}

function broken(path: string, why: string, cause?: unknown): InputError {
  return new InputError(
    'added-cameras-broken',
    `${path}, with the cameras that were added over the fleet, can't be read: ${why}.`,
    'Delete it, and add the cameras again.',
    { cause },
  );
}

export interface WithAdded {
  readonly settings: AgentSettings;
  readonly added: AddedCameras;
  /** In words, of each added camera: that it is there, or why it is left out. */
  readonly notes: readonly string[];
}

/** The settings with the cameras that were added over the fleet, as far as they are still allowed. The file goes before them. */
async function withAddedCameras(settings: AgentSettings, listed: AddedCameras): Promise<WithAdded> {
  const { remote, cameras: own } = settings;
  const cameras = { ...own };
  const added: Record<string, AddedCameras[string]> = {};
  const notes: string[] = [];
  const findOwn = await findOwnCamera(own);
  const judged = await Promise.all(
    Object.entries(listed).map(
      async ([name, camera]) =>
        [name, camera, await whyLeftOut(name, camera, { kinds: remote.cameras, own, findOwn })] as const,
    ),
  );
  for (const [name, camera, why] of judged) {
    const where = `camera ${name} (${redactSource(camera.source)}), added over the fleet`;
    notes.push(why === undefined ? `${where}.` : `${where}, is left out: ${why}.`);
    if (why !== undefined) continue;
    added[name] = camera;
    const filled = Value.Default(AgentSettings.properties.cameras, { [name]: { ...camera } });
    cameras[name] = (filled as AgentSettings['cameras'])[name] as CameraSetting;
  }
  return { settings: { ...settings, cameras }, added, notes };
}

/** As an agent works by them. What is wrong with the list costs the device the cameras in it, and no other. */
export async function readDeviceSettings(path: string | undefined): Promise<WithAdded> {
  const settings = await readAgentSettings(path);
  try {
    return await withAddedCameras(settings, await readAddedCameras(settings.dataDir));
  } catch (error) {
    return { settings, added: {}, notes: [describeError(error)] };
  }
}

interface Allowed {
  readonly kinds: AgentSettings['remote']['cameras'];
  readonly own: AgentSettings['cameras'];
  readonly findOwn: (source: string) => Promise<string | undefined>;
}

async function whyLeftOut(
  name: string,
  camera: AddedCameras[string],
  { kinds, own, findOwn }: Allowed,
): Promise<string | undefined> {
  if (Object.hasOwn(own, name)) return 'the settings file has a camera of this name';
  try {
    const { kind } = addedSource({ source: camera.source });
    if (!kinds.includes(kind)) return `remote.cameras does not allow ${kind}`;
    const other = await findOwn(camera.source);
    return other === undefined ? undefined : `the settings file uses this camera as ${other}`;
  } catch (error) {
    return describeError(error).replace(/\.$/, '');
  }
}
