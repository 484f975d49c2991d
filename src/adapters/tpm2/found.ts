import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { systemCode } from '../../platform/index.ts';

export interface TpmFound {
  readonly device: 'there' | 'closed' | 'absent';
  /** Whether tpm2-tools is installed. */
  readonly tools: boolean;
}

/** Whether this machine has a TPM 2.0 that this user may open, and the programs for it. Asks the TPM nothing. */
export async function tpmFound(device = '/dev/tpmrm0', path = process.env.PATH ?? ''): Promise<TpmFound> {
  const why = await access(device, constants.R_OK | constants.W_OK).then(
    () => undefined,
    (error: unknown) => systemCode(error) ?? '',
  );
  const tools = await Promise.any(
    path.split(delimiter).map((folder) => access(join(folder, 'tpm2_unseal'), constants.X_OK)),
  ).then(
    () => true,
    () => false,
  );
  return { device: why === undefined ? 'there' : why === 'EACCES' ? 'closed' : 'absent', tools };
}
