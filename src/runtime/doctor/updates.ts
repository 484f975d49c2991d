import { lstat } from 'node:fs/promises';
import { type Renewed, renewedWith, serviceData, whyNoUpdates } from '../device/updater.ts';
import { absent, broken, type Check, firstLineOf, ok } from './check.ts';

const name = 'updates of the agent';
const page = 'docs/updates.md.';

/** Whether the fleet can renew the agent of this machine. */
export async function checkUpdates(
  { rootFile, kind }: Pick<Renewed, 'rootFile' | 'kind'> = renewedWith(),
  why = () => whyNoUpdates(serviceData),
): Promise<Check> {
  const unavailable = why();
  if (unavailable !== undefined)
    return absent(name, unavailable, `See what updates by the fleet need: ${page}`);
  const found = await lstat(rootFile).catch(() => undefined);
  if (found === undefined)
    return absent(
      name,
      `this machine has no root of trust (${rootFile}), so it takes no updates from its fleet`,
      `Put the roots of the fleet there as root: ${page}`,
    );
  if (!found.isFile() || found.uid !== 0 || (found.mode & 0o022) !== 0)
    return broken(
      name,
      `${rootFile} is not a file that root alone can write`,
      `sudo chown root:root ${rootFile} && sudo chmod 644 ${rootFile}`,
    );
  if (kind.format === 'deb' && (await firstLineOf('dpkg-repack', ['--version'])) === undefined)
    return absent(
      name,
      'dpkg-repack is not installed: the first one could not be taken back',
      'sudo apt install dpkg-repack',
    );
  return ok(name, `its fleet can renew it: signed by what ${rootFile} leads to`);
}
