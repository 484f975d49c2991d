import { join } from 'node:path';
import type { Caller, CreatedToken, FleetController, NewToken } from '../../controller/index.ts';
import { explainFileError, writeFileAtomic } from '../../platform/index.ts';

const system: Caller = { tokenId: 'system', name: 'system', role: 'admin' };

/** A token made by the program itself, e.g. for the first admin; it stands in the audit like every other. */
export function createSystemToken(controller: FleetController, request: NewToken): Promise<CreatedToken> {
  return controller.orders.createToken(system, request);
}

/**
 * A controller without tokens could never be asked for one: the first start makes an admin's token and leaves it in
 * `<dataDir>/admin.token`, readable by its user alone. Never printed, because what a service prints is a log.
 */
export async function ensureFirstToken(
  controller: FleetController,
  dataDir: string,
): Promise<string | undefined> {
  const created = await controller.orders.firstAdmin();
  if (created === undefined) return undefined;
  const path = join(dataDir, 'admin.token');
  await writeFileAtomic(path, `${created.token}\n`, {
    mode: 0o600,
    explain: (error) => explainFileError(error, 'keep the first token', path),
  });
  return path;
}
