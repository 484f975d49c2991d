import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MappedRange, pieces, renderBlockMap } from '../../image/index.ts';
import type { Bundle } from '../../model/index.ts';
import {
  type Component,
  type DebianPackage,
  debianFormat,
  debianLicenses,
  modelComponent,
  parseDebianPackages,
  readBill,
  renderBill,
  sha256,
} from '../../sbom/index.ts';
import type { RunOptions } from './tools.ts';
import { run } from './tools.ts';

/* What lies beside an image: its map and the list of its parts. */

/** Digests of the parts of an image that have to be written. */
export async function writeBlockMap(
  image: string,
  imageBytes: number,
  parts: readonly { readonly startByte: number; readonly bytes: number }[],
): Promise<string> {
  const file = await open(image, 'r');
  try {
    const ranges: MappedRange[] = [];
    for (const { startByte, bytes } of pieces(parts)) {
      const buffer = Buffer.alloc(bytes);
      await file.read(buffer, 0, bytes, startByte);
      ranges.push({ startByte, bytes, checksum: createHash('sha256').update(buffer).digest('hex') });
    }
    const map = `${image}.bmap`;
    await writeFile(
      map,
      renderBlockMap({ imageBytes, ranges }, (text) => createHash('sha256').update(text).digest('hex')),
    );
    return map;
  } finally {
    await file.close();
  }
}

/** From the database of dpkg, while it is still in the tree; licences from the packages' own files. */
export async function debianPackages(root: string, ports: RunOptions): Promise<readonly DebianPackage[]> {
  const said = await run(
    'dpkg-query',
    [`--admindir=${root}/var/lib/dpkg`, '--show', '--showformat', debianFormat],
    ports,
  );
  return Promise.all(
    parseDebianPackages(said).map(async (one) => {
      const copyright = join(root, 'usr/share/doc', one.name, 'copyright');
      return { ...one, licenses: debianLicenses(await readFile(copyright, 'utf8').catch(() => '')) };
    }),
  );
}

/** What the agent's package says that it is made of. */
export async function agentComponents(program: string): Promise<readonly Component[]> {
  const file = join(program, 'share/sbom.cdx.json');
  return readBill(await readFile(file, 'utf8'), file).components;
}

export interface ImageParts {
  /** `digest`: `sha256:<hex>`. */
  readonly image: { readonly name: string; readonly version: string; readonly digest: string };
  readonly createdAt: string;
  readonly trust: string;
  readonly debian: readonly Component[];
  readonly agent: readonly Component[];
  readonly model?: Pick<Bundle, 'manifest' | 'digest'>;
}

export function imageBill({ image, createdAt, trust, debian, agent, model }: ImageParts): string {
  const { name, version, digest } = image;
  const models =
    model === undefined ? [] : [modelComponent(model.manifest.name, model.manifest.version, model.digest)];
  return renderBill({
    subject: { type: 'firmware', 'bom-ref': 'image', name, version, hashes: [sha256(digest)] },
    createdAt,
    properties: [{ name: 'goshawk:trust', value: trust }],
    components: [...debian, ...agent, ...models],
  });
}
