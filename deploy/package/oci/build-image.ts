/*
 * A container image without a container engine: an OCI image layout, one image for all processors. Debian's libraries come from
 * mmdebstrap, which unpacks them and runs nothing, so images for other processors are made as well.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../architecture.ts';
import { type PackageDefinition, stateOf } from '../packages.ts';
import { projectRoot } from '../parts.ts';
import { billOf, withDebian } from '../sbom.ts';
import { type Facts, normalize } from '../tree.ts';
import { isProgram } from './contents.ts';
import { imageConfig, imageManifest, imageUser, platformOf } from './image.ts';
import { baseTree, layerOf, ownTree, programTree, release, stateTree } from './layers.ts';
import { type Descriptor, mediaTypes, OciLayout } from './layout.ts';

export interface LaidTree {
  readonly architecture: Architecture;
  /** As `layTree` left it. */
  readonly root: string;
}

/** Gives the folder of the layout; the image's tag in it is the version. */
export function buildImage(
  out: string,
  definition: PackageDefinition,
  facts: Facts,
  trees: readonly LaidTree[],
  added: readonly string[],
): string {
  const folder = join(out, `${definition.name}_${facts.version}.oci`);
  const layout = new OciLayout(folder);
  const manifests = trees.map((tree) => platformImage(layout, definition, facts, tree, added));
  // A tag has no tilde, which Debian's versions of candidates have.
  layout.finish(facts.version.replaceAll('~', '-'), manifests);
  return folder;
}

function platformImage(
  layout: OciLayout,
  definition: PackageDefinition,
  facts: Facts,
  { architecture, root }: LaidTree,
  added: readonly string[],
): Descriptor {
  const work = (part: string) =>
    join(projectRoot, 'build/package', `oci-${part}-${definition.name}-${architecture}`);
  const base = baseTree(definition, architecture, facts, added);
  normalize(base.root, facts, isProgram);
  programTree(root, work('program'), definition);
  const bill = withDebian(readFileSync(join(root, billOf(definition)), 'utf8'), base.packages, release);
  writeFileSync(join(work('program'), billOf(definition)), bill);
  writeFileSync(`${layout.folder}.${architecture}.cdx.json`, bill);
  normalize(work('program'), facts, isProgram);
  ownTree(work('own'), definition, facts);
  normalize(work('own'), facts, () => false);
  stateTree(work('state'), definition);
  const state = stateOf(definition).slice(1);
  chmodSync(join(work('state'), state), 0o700);
  const layers = [
    layerOf(layout, base.root, ['.'], 'libraries of Debian', facts),
    layerOf(layout, work('program'), ['.'], definition.name, facts),
    layerOf(layout, work('own'), ['.'], 'names and settings', facts),
    // The folder alone: those above it are root's.
    layerOf(layout, work('state'), [state], 'state', facts, imageUser),
  ];
  const config = layout.json(mediaTypes.config, imageConfig(definition, facts, architecture, layers));
  return {
    ...layout.json(mediaTypes.manifest, imageManifest(config, layers)),
    platform: platformOf(architecture),
  };
}
