import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures } from './architecture.ts';
import { PackageError } from './parts.ts';

/** What apt downloads first: the list of packages, its hashes with a signature, and the key for those who trust it. */
export const repositoryFiles = ['Packages', 'InRelease', 'goshawk.asc'] as const;

/** Throws where a program is missing, or gpg has no secret key of that name. */
export function expectAptKey(key: string): void {
  for (const [program, of] of [
    ['apt-ftparchive', 'apt-utils'],
    ['gpg', 'gpg'],
  ] as const)
    if (spawnSync(program, ['--version']).error !== undefined)
      throw new PackageError(`${program} makes the apt repository: sudo apt install ${of}.`);
  if (spawnSync('gpg', ['--batch', '--list-secret-keys', '--', key]).status !== 0)
    throw new PackageError(
      `gpg has no secret key ${key}. Give its fingerprint or address; gpg --list-secret-keys shows yours.`,
    );
}

/**
 * Makes a folder of packages an apt repository of the flat form (sources.list(5)), by Debian's own tools. Packages of other
 * versions that are in it are listed too. Gives the files that it wrote; throws where there is no package.
 */
export function makeAptRepository(folder: string, key: string): readonly string[] {
  const list = output('apt-ftparchive', ['packages', '.'], { folder });
  if (list.length === 0)
    throw new PackageError(`There is no package in ${folder} to make an apt repository of.`);
  // Not among the files that Release lists, and gone if a step fails: apt then refuses the folder.
  for (const name of repositoryFiles) rmSync(join(folder, name), { force: true });
  const write = (name: (typeof repositoryFiles)[number], bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const packages = write('Packages', list);
  const named = { Origin: 'Goshawk', Label: 'Goshawk', Architectures: architectures.join(' ') };
  const options = Object.entries(named).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
  const release = output('apt-ftparchive', [...options, 'release', '.'], { folder });
  const signer = ['--batch', '--local-user', key];
  return [
    packages,
    write('InRelease', output('gpg', [...signer, '--clear-sign'], { folder, input: release })),
    write('goshawk.asc', output('gpg', ['--batch', '--armor', '--export', '--', key], { folder })),
  ];
}

function output(
  program: string,
  args: readonly string[],
  { folder, input }: { readonly folder: string; readonly input?: Buffer },
): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, input, maxBuffer: 64 << 20 });
  if (status !== 0) throw new PackageError(`${program} failed: ${String(stderr).trim()}`);
  return stdout;
}
