import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { defined } from '../../base/index.ts';
import { digestFile } from '../../platform/index.ts';
import { goshawkVersion } from '../../runtime/index.ts';
import { localBuilder, type PinnedInput, renderProvenance } from '../../sbom/index.ts';
import type { BuildImageOptions } from './options.ts';

/** Writes how an image and its update came about beside it. What is secret (claim, password) is not named. */
export async function writeImageProvenance(
  image: string,
  files: { readonly subjects: readonly string[]; readonly partsList: string },
  options: BuildImageOptions,
): Promise<string> {
  const { board, release, components, mirror, imageVersion, slotMegabytes } = options;
  const inputs = [options.agent, options.trust, options.updateCert, options.sshKey, options.settings];
  const file = `${image}.provenance.json`;
  await writeFile(
    file,
    renderProvenance({
      subjects: await Promise.all(files.subjects.map(pinned)),
      what: 'image',
      parameters: {
        ...{ board, release, components, mirror, packages: options.package, slotMegabytes },
        ...defined({ imageVersion }),
      },
      inputs: await Promise.all(inputs.filter((one) => one !== undefined).map(pinned)),
      byproducts: [await pinned(files.partsList)],
      builder: process.env.GOSHAWK_BUILDER ?? localBuilder,
      tools: { goshawk: goshawkVersion(), node: process.version },
    }),
  );
  return file;
}

async function pinned(
  path: string,
): Promise<PinnedInput & { readonly name: string; readonly digest: Record<string, string> }> {
  const { digest } = await digestFile(path);
  return { name: basename(path), digest: { sha256: digest.replace(/^sha256:/, '') } };
}
