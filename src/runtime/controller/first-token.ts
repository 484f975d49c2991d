import { join } from 'node:path';
import type { CreatedToken, NewToken } from '../../api/index.ts';
import type { Caller, FleetController } from '../../controller/index.ts';
import { explainFileError, writeFileAtomic } from '../../platform/index.ts';

/** Who acts where nobody typed a command. */
export const systemCaller: Caller = { tokenId: 'system', name: 'system', role: 'admin' };

/** A token made by the program itself, e.g. for the first admin; it has its entry in the audit log like every other. */
export function createSystemToken(
  { access }: Pick<FleetController, 'access'>,
  request: NewToken,
): Promise<CreatedToken> {
  return access.createToken(systemCaller, request);
}

/** Where the first start leaves the admin's token. */
export function adminTokenFile(dataDir: string): string {
  return join(dataDir, 'admin.token');
}

/**
 * A controller without tokens could never be asked for one: the first start makes an admin's token and leaves it in
 * `<dataDir>/admin.token`, readable by its user alone. Never printed, because what a service prints is a log.
 */
export async function ensureFirstToken(
  { access }: Pick<FleetController, 'access'>,
  dataDir: string,
): Promise<void> {
  const path = adminTokenFile(dataDir);
  await access.createFirstAdmin((token) =>
    writeFileAtomic(path, `${token}\n`, {
      mode: 0o600,
      explain: (error) => explainFileError(error, 'keep the first token', path),
    }),
  );
}
