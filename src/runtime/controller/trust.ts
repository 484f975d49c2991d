import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKeyFile, nodeTrustCrypto, signerOf } from '../../adapters/crypto/index.ts';
import { MetadataFolder } from '../../adapters/filesystem/index.ts';
import { TimeSync } from '../../adapters/system/index.ts';
import { defined, type Log } from '../../base/index.ts';
import type { TrustSetup } from '../../controller/index.ts';
import { explainFileError, systemCode, writeFileAtomic } from '../../platform/index.ts';
import type { ControllerSettings } from '../settings/controller.ts';

/** Below the data folder of a controller. */
const trustFolder = 'trust';
const keyFile = 'online.key';

/**
 * What a controller signs with: a key of its own, made at the first start, that the owner's root may name. It can say which
 * of the signed models a device runs, and nothing else.
 */
export async function openTrust(
  { dataDir, trust: { mode } }: Pick<ControllerSettings, 'dataDir' | 'trust'>,
  log: Log,
): Promise<TrustSetup> {
  const folder = join(dataDir, trustFolder);
  if (mode === 'insecure')
    log.warn(
      'INSECURE: this controller orders unsigned models (trust.mode); devices with a root refuse them',
    );
  const signer = signerOf(await ensureKey(join(folder, keyFile)));
  const open = `${JSON.stringify(signer.key, undefined, 1)}\n`;
  await writeFileAtomic(join(folder, 'online.pub'), open, { mode: 0o644, folderMode: 0o700 });
  const sync = new TimeSync();
  await sync.refresh();
  const throwAway =
    mode === 'throw-away' ? signerOf(await ensureKey(join(folder, 'throw-away.key'))) : undefined;
  return {
    ...{
      signer,
      verifier: nodeTrustCrypto(),
      store: new MetadataFolder(folder),
      insecure: mode === 'insecure',
    },
    ...defined({ throwAway, isSynchronised: throwAway === undefined ? sync.isSynchronised : undefined }),
  };
}

async function ensureKey(path: string): Promise<string> {
  const explain = (error: unknown) => explainFileError(error, 'keep the key that signs orders', path);
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return text;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw explain(error);
  }
  const { text } = newKeyFile('ed25519', undefined);
  await writeFileAtomic(path, text, { mode: 0o600, folderMode: 0o700, explain });
  return text;
}
