import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EstAuthority } from '../../adapters/est/index.ts';
import { certificatesFrom, certsOnly, readRequest } from '../../adapters/x509/index.ts';
import { type Clock, defined, InputError } from '../../base/index.ts';
import type { RevocationTarget } from '../../controller/index.ts';
import { systemCode, writeFileAtomic } from '../../platform/index.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { readSecret } from '../settings/read.ts';

export type OutsideSetting = NonNullable<NonNullable<ControllerSettings['devices']>['outside']>;

/** In the data folder: what the outside server signs with, for a start at which it is away. */
const knownFile = 'outside-ca.crt';

export async function openOutside(
  outside: OutsideSetting,
  { dataDir, clock }: { readonly dataDir: string; readonly clock: Clock },
): Promise<EstAuthority> {
  const { url, caFile, userFile } = outside;
  const file = join(dataDir, knownFile);
  const known = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  const user = userFile === undefined ? undefined : userOf(await readSecret(userFile));
  // A server may know this controller by a certificate too, that of its listener.
  const own = await listenerFiles(outside);
  return EstAuthority.open(
    {
      ...{ clock, certificatesFrom, certsOnly, read: readRequest },
      keep: (text) => writeFileAtomic(file, text, { mode: 0o644 }),
    },
    {
      ...{ url, root: String(Buffer.from(await pem(caFile))), own },
      ...(user && { user }),
      ...defined({ known }),
    },
  );
}

/** Read anew for each use: whoever renews the certificate puts it there. */
export async function listenerFiles({ certFile, keyFile }: OutsideSetting) {
  const [cert, key] = [await pem(certFile), await pem(keyFile)];
  return { cert: String(Buffer.from(cert)), key: String(Buffer.from(key)) };
}

/** What the broker has to know stands in the list of the authority that signed; this controller refuses at once all the same. */
export const outsideRevocations: RevocationTarget = {
  publish: async () => {},
  disconnect: async () => 'elsewhere',
};

function userOf(text: string): { readonly name: string; readonly password: string } {
  const cut = text.indexOf(':');
  if (cut > 0) return { name: text.slice(0, cut), password: text.slice(cut + 1) };
  throw new InputError(
    'outside-user',
    'devices.outside.userFile does not hold user:password.',
    'Write both, as the outside server knows this controller.',
  );
}
