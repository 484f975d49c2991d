/*
 * Makes the Debian packages; `npm run package` comes here once the project is built.
 *
 *   npm run package -- [--arch amd64,arm64] [--only goshawk-agent] [--out DIR] [--version V] [--quick]
 *
 *   --quick  for tests: larger files in less time
 *
 * Settings: SOURCE_DATE_EPOCH (default: the time of the last commit), DEBFULLNAME and DEBEMAIL (the maintainer).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Architecture, architectures } from './architecture.ts';
import { buildDeb } from './debian.ts';
import { packages } from './packages.ts';
import { checkBuildDependencies, PackageError, prepareParts, projectRoot } from './parts.ts';
import { type Facts, layTree } from './tree.ts';

const { values: options } = parseArgs({
  options: {
    arch: { type: 'string', default: architectures.join(',') },
    only: { type: 'string' },
    version: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: join(projectRoot, 'build/packages') },
  },
});

function chosenArchitectures(): readonly Architecture[] {
  const names = options.arch.split(',');
  const chosen = architectures.filter((name) => names.includes(name));
  if (chosen.length === names.length) return chosen;
  throw new PackageError(`--arch takes ${architectures.join(' and ')}, not ${options.arch}.`);
}

function facts(): Facts {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const { DEBFULLNAME = 'Goshawk', DEBEMAIL = 'goshawk@goshawk.example', SOURCE_DATE_EPOCH } = process.env;
  return {
    version: options.version ?? version,
    epochSeconds: Number(SOURCE_DATE_EPOCH ?? lastCommitSeconds()),
    maintainer: `${DEBFULLNAME} <${DEBEMAIL}>`,
  };
}

function lastCommitSeconds(): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot, encoding: 'utf8' }).trim();
  } catch {
    throw new PackageError(
      'There is no git history to take the time of the files from: set SOURCE_DATE_EPOCH.',
    );
  }
}

try {
  const chosen = packages.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0)
    throw new PackageError(`--only takes ${packages.map(({ name }) => name).join(' or ')}.`);
  const all = facts();
  checkBuildDependencies(chosenArchitectures());
  for (const architecture of chosenArchitectures()) {
    const parts = prepareParts(architecture);
    for (const definition of chosen) {
      const root = join(projectRoot, 'build/package', `${definition.name}-${architecture}`);
      layTree(root, definition, parts, all, architecture);
      const file = buildDeb(
        root,
        resolve(options.out),
        definition,
        all,
        architecture,
        options.quick ? 'quick' : 'small',
      );
      process.stdout.write(`${file} ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
    }
  }
} catch (error) {
  if (!(error instanceof PackageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
