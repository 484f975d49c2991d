/* How a package came about, beside it: what it is, from which commit and inputs. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { localBuilder, type PinnedInput, renderProvenance } from '../../src/sbom/index.ts';
import { bundledParts } from './bundled.ts';
import { type Parts, projectRoot } from './parts.ts';

interface Built {
  readonly what: 'package' | 'container';
  readonly subjects: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly parts: Parts;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Writes `<path>.provenance.json`, beside what was built; gives its path. */
export function writeProvenance(path: string, { what, subjects, parts, parameters }: Built): string {
  const file = `${path}.provenance.json`;
  writeFileSync(
    file,
    renderProvenance({
      ...{ subjects, what, parameters },
      inputs: [
        ...source(),
        pinned('package-lock.json'),
        ...bundledParts(parts).map(({ name, purl }) => ({ name, uri: purl })),
      ],
      builder: process.env.GOSHAWK_BUILDER ?? localBuilder,
      tools: {
        node: process.version,
        'g++': firstLine('g++', '-dumpfullversion'),
        dpkg: firstLine('dpkg-deb', '--version'),
      },
    }),
  );
  return file;
}

export function subjectOf(path: string) {
  return { name: basename(path), digest: { sha256: sha256(path) } };
}

/** The commit; an archive of the sources has none, and what is not committed is said. */
function source(): readonly PinnedInput[] {
  try {
    const gitCommit = git('rev-parse', 'HEAD');
    const name =
      git('status', '--porcelain') === '' ? 'source' : 'source, with changes that are not committed';
    return [{ name, digest: { gitCommit } }];
  } catch {
    return [];
  }
}

function pinned(name: string): PinnedInput {
  return { name, digest: { sha256: sha256(join(projectRoot, name)) } };
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function firstLine(program: string, option: string): string {
  return execFileSync(program, [option], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
