import { chmod, chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlacedYaml } from '../../adapters/yaml/index.ts';
import { InputError } from '../../base/index.ts';
import { readNamedFile, writeFileAtomic } from '../../platform/index.ts';
import { parseClaim } from '../../protocol/index.ts';
import { AgentSettings } from '../settings/agent.ts';
import { checkSettings, placedYaml } from '../settings/read.ts';

export interface GivenClaim {
  readonly configFile: string;
  readonly claim: string;
  /** Let the settings keep their broker, and take from the controller the certificate alone. */
  readonly keepBroker?: boolean;
}

export interface ClaimPlace {
  readonly claimFile: string;
  /** A broker that the settings named, and do so no more. */
  readonly droppedBroker?: string;
}

/**
 * `goshawk enrol`: puts a claim where the agent finds it, and tells its settings. What both files are owned by and
 * who may read them stays as it was.
 */
export async function giveClaim({ configFile, claim, keepBroker = false }: GivenClaim): Promise<ClaimPlace> {
  parseClaim(claim);
  const file = await readFileOf(configFile);
  const settings = file.value as Record<string, unknown>;
  const { dataDir } = checkSettings(
    AgentSettings,
    { ...settings, enrolment: { claimFile: 'x' } },
    configFile,
  );
  const claimFile = join(dataDir, 'claim.token');
  await writeFileAtomic(claimFile, `${claim.trim()}\n`, { mode: 0o600, folderMode: 0o700 });
  await likeOwner(claimFile, dataDir, 0o600);

  const { broker } = settings;
  const before = (settings.enrolment ?? {}) as object;
  const next = file.with({
    enrolment: { ...before, claimFile },
    ...(keepBroker ? {} : { broker: undefined }),
  });
  const { mode } = await stat(configFile);
  const owner = await stat(configFile);
  await writeFileAtomic(configFile, next, { mode: mode & 0o777 });
  await chown(configFile, owner.uid, owner.gid);
  const url = (broker as { readonly url?: unknown } | undefined)?.url;
  return keepBroker || typeof url !== 'string' ? { claimFile } : { claimFile, droppedBroker: url };
}

/** The settings as they are: an object, in YAML or JSON. */
async function readFileOf(path: string): Promise<PlacedYaml> {
  const text = String(await readNamedFile(path, 'read the settings', 'Check --config.'));
  const file = await placedYaml(path, text);
  const { value } = file;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return file;
  throw new InputError('settings-invalid', `${path} holds no settings.`, 'Begin it with `device: NAME`.');
}

/** Root may give a claim; the agent, which is not root, has to read it. */
async function likeOwner(path: string, like: string, mode: number): Promise<void> {
  const { uid, gid } = await stat(like);
  await chown(path, uid, gid);
  await chmod(path, mode);
}
