import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { type TpmFound, tpmFound } from '../../adapters/tpm2/index.ts';
import { deviceKeyFile, sealedSuffix } from '../../adapters/x509/index.ts';
import { describeError } from '../../base/index.ts';
import { identityPath } from '../device/identity.ts';
import { AgentSettings } from '../settings/agent.ts';
import { readSettings } from '../settings/read.ts';
import { absent, broken, type Check, ok } from './check.ts';
import { usualSettings } from './usual-settings.ts';

const name = 'TPM';
const how = 'docs/enrolment.md (A key sealed by the TPM)';

/** How the key of the device lies on its disk. `not-read`: why it can't be known. */
export type KeyOnDisk =
  | { readonly kind: 'no-agent' | 'not-enrolling' | 'none' | 'plain' | 'sealed' | 'both' | 'token' }
  | { readonly kind: 'not-read'; readonly why: string };

/** Whether there is a TPM, and whether it seals the key of the agent with these settings. Asks the TPM nothing. */
export async function checkKeySeal(config?: string): Promise<Check> {
  const { wanted, key } = await keyOnDisk(config);
  return decideKeySeal(await tpmFound(), wanted, key);
}

export function decideKeySeal({ device, tools }: TpmFound, wanted: boolean, key: KeyOnDisk): Check {
  const problem =
    device === 'absent'
      ? 'no TPM 2.0 (/dev/tpmrm0)'
      : device === 'closed'
        ? 'a TPM 2.0 that this user may not open'
        : tools
          ? undefined
          : 'a TPM 2.0, and no tpm2-tools';
  const detail = `${problem ?? 'a TPM 2.0'}; ${inWords(key)}`;
  const remedy =
    device === 'absent'
      ? 'Turn it on in the firmware, where the board has one.'
      : device === 'closed'
        ? 'adduser goshawk tss; or run this as root.'
        : tools
          ? `Set enrolment.seal and restart the agent: ${how}.`
          : 'apt install tpm2-tools';
  const rests = key.kind === 'sealed' || key.kind === 'both';
  if (problem !== undefined) return (wanted || rests ? broken : absent)(name, detail, remedy);
  if (key.kind === 'plain' && wanted)
    return broken(name, detail, 'Restart the agent; its log says why it is not sealed.');
  if (key.kind === 'both') return broken(name, detail, 'Restart the agent: it removes the plain one.');
  if (key.kind === 'sealed' && !wanted)
    return broken(name, detail, 'Put enrolment.seal back into the settings.');
  return key.kind === 'plain' ? absent(name, detail, remedy) : ok(name, detail);
}

function inWords(key: KeyOnDisk): string {
  switch (key.kind) {
    case 'no-agent':
      return 'no agent has settings here';
    case 'not-enrolling':
      return 'the agent does not enrol';
    case 'none':
      return 'the agent has no key yet';
    case 'plain':
      return 'the key of the agent is stored unencrypted';
    case 'sealed':
      return 'the key of the agent is sealed';
    case 'both':
      return 'the key of the agent is sealed, and also stored unencrypted beside that';
    case 'token':
      return 'the key of the agent is in a token';
    case 'not-read':
      return `whether the agent’s key is sealed can’t be read: ${key.why}`;
  }
}

async function keyOnDisk(config: string | undefined): Promise<{ wanted: boolean; key: KeyOnDisk }> {
  const file = config ?? (await usualSettings());
  if (file === undefined) return { wanted: false, key: { kind: 'no-agent' } };
  let wanted = false;
  try {
    const { dataDir, enrolment } = await readSettings(AgentSettings, file);
    if (enrolment === undefined) return { wanted, key: { kind: 'not-enrolling' } };
    wanted = enrolment.seal !== undefined;
    if (enrolment.pkcs11 !== undefined) return { wanted, key: { kind: 'token' } };
    const path = join(identityPath(dataDir), deviceKeyFile);
    const [plain, sealed] = [await isThere(path), await isThere(`${path}${sealedSuffix}`)];
    if (sealed) return { wanted, key: { kind: plain ? 'both' : 'sealed' } };
    return { wanted, key: { kind: plain ? 'plain' : 'none' } };
  } catch (error) {
    return { wanted, key: { kind: 'not-read', why: describeError(error) } };
  }
}

/** Rejects where it can't be known. */
function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
