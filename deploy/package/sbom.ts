/* The list of what a package is made of (SBOM, CycloneDX): npm's packages as they lie in it, and what is beside them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundledComponent,
  type Component,
  type DebianPackage,
  debianComponent,
  npmComponent,
  readBill,
  renderBill,
} from '../../src/sbom/index.ts';
import { bundledParts } from './bundled.ts';
import { type PackageDefinition, rootOf } from './packages.ts';
import type { Parts } from './parts.ts';
import type { Facts } from './tree.ts';

/** `program`: the folder that holds `node_modules`. */
export function packageBill(
  name: string,
  program: string,
  parts: Parts,
  { version, epochSeconds }: Facts,
): string {
  return renderBill({
    subject: { type: 'application', 'bom-ref': name, name, version },
    createdAt: new Date(epochSeconds * 1000).toISOString(),
    components: distinct([...npmComponents(program), ...bundledParts(parts).map(bundledComponent)]),
  });
}

/** Where it is in a package and in an image, without the first slash. */
export function billOf(definition: PackageDefinition): string {
  return join(rootOf(definition), 'share/sbom.cdx.json').slice(1);
}

/** The bill of a package's image, which has some of Debian's packages below it. */
export function withDebian(bill: string, packages: readonly DebianPackage[], release: string): string {
  const { metadata } = JSON.parse(bill) as { readonly metadata: { readonly timestamp: string } };
  const { subject, components } = readBill(bill, 'sbom.cdx.json');
  const debian = packages.map((one) => debianComponent(one, release));
  return renderBill({ subject, createdAt: metadata.timestamp, components: [...debian, ...components] });
}

/** A package may lie in `node_modules` and be bundled into a page too. */
function distinct(components: readonly Component[]): readonly Component[] {
  return [...new Map(components.map((one) => [one['bom-ref'], one])).values()];
}

function npmComponents(program: string): readonly Component[] {
  const found = new Map<string, Component>();
  for (const folder of packageFolders(join(program, 'node_modules'))) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly name?: string;
      readonly version?: string;
      readonly license?: unknown;
    };
    if (name === undefined || version === undefined) continue;
    const component = npmComponent(name, version, typeof license === 'string' ? license : undefined);
    found.set(component['bom-ref'], component);
  }
  return [...found.values()].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
}

function packageFolders(modules: string): readonly string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    const path = join(modules, entry.name);
    if (!entry.isDirectory()) return [];
    if (entry.name.startsWith('@')) return packageFolders(path);
    if (!existsSync(join(path, 'package.json'))) return [];
    return [path, ...packageFolders(join(path, 'node_modules'))];
  });
}
