import { access, constants } from 'node:fs/promises';

/** Where the agent of a package, and that of an image, have their settings. */
const usualFiles = ['/var/lib/goshawk-image/agent.json', '/etc/goshawk/agent.json'];

/** Settings of the agent that is installed here; undefined where none is. */
export async function usualSettings(): Promise<string | undefined> {
  for (const file of usualFiles)
    if (
      await access(file, constants.F_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  return undefined;
}
