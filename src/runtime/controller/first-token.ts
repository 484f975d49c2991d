import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import type { Caller, CreatedToken, FleetController, NewToken } from '../../controller/index.ts';

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
  await mkdir(dataDir, { recursive: true });
  try {
    await writeFile(path, `${created.token}\n`, { mode: 0o600 });
  } catch (error) {
    throw explainFileError(error, 'keep the first token', path);
  }
  return path;
}
