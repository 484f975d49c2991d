import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeTrustCrypto } from '../../../adapters/crypto/index.ts';
import { MetadataFolder } from '../../../adapters/filesystem/index.ts';
import { SystemClock } from '../../../adapters/system/index.ts';
import { AdmissionLedger } from '../../../agent/index.ts';
import { asGoshawkError } from '../../../base/index.ts';
import { directorRepository, imageRepository, standingOf } from '../../../trust/index.ts';
import { deviceName } from '../../device/membership.ts';
import { deviceTrustFolder, rootOf } from '../../device/trust-root.ts';
import { AgentSettings } from '../../settings/agent.ts';
import { readSettings } from '../../settings/read.ts';
import type { Check } from '../check.ts';
import { usualSettings } from '../usual-settings.ts';
import { decideTrust } from './decide.ts';
import type { TrustFacts } from './facts.ts';

/** Whom the agent with these settings trusts; without `config` the one that is installed here. Changes nothing. */
export async function checkTrust(config?: string): Promise<readonly Check[]> {
  return decideTrust(await trustFacts(config), new SystemClock().wallMs());
}

async function trustFacts(config: string | undefined): Promise<TrustFacts> {
  const file = config ?? (await usualSettings());
  if (file === undefined) return { kind: 'none' };
  try {
    return await read(await readSettings(AgentSettings, file));
  } catch (error) {
    const { message, remedy } = asGoshawkError(
      error,
      'trust-unreadable',
      'Run it as the user of the agent, or as root.',
    );
    return { kind: 'unreadable', reason: message, remedy: remedy ?? '' };
  }
}

async function read(settings: AgentSettings): Promise<TrustFacts> {
  if (settings.trust.mode === 'insecure') return { kind: 'insecure' };
  const folder = join(settings.dataDir, deviceTrustFolder);
  // What this user may not read would look like a disk on which there is nothing.
  await access(folder, constants.R_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw error;
  });
  const anchor = await rootOf(settings);
  if (anchor === undefined) return { kind: 'unsigned', enrols: settings.enrolment !== undefined };
  const verifier = nodeTrustCrypto();
  const store = (name: string) => new MetadataFolder(join(folder, name));
  const ledger = new AdmissionLedger(new MetadataFolder(folder));
  await ledger.open();
  const director = directorRepository(await deviceName(settings));
  return {
    kind: 'signed',
    throwAway: settings.trust.mode === 'throw-away',
    image: await standingOf(
      { verifier, store: store('image'), repository: imageRepository },
      { root: anchor.image, targets: anchor.targets },
    ),
    director: await standingOf(
      { verifier, store: store('director'), repository: director },
      { root: anchor.director },
    ),
    trustedMs: ledger.time.ms,
    admitted: ledger.size,
  };
}
