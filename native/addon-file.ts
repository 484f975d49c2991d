import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { placeOf } from '../src/platform/index.ts';
import { buildReport } from './build-report.ts';
import { boardFolder, buildCommand, buildFolder, ownVersion } from './installation.ts';

/** An addon that needs libraries of the machine, and may have been compiled on it beside the one that came compiled. */
export interface AddonName {
  readonly file: string;
  /** In the build's report. */
  readonly item: string;
}

/** Folders of a build, and for whom it is. */
export interface AddonPlaces {
  /** That of an installed package alone: in a clone and in npm's package everything is built in place. */
  readonly board?: string;
  readonly build: string;
  readonly version: string | undefined;
}

const addonPlaces = (): AddonPlaces => ({
  ...(placeOf() === 'debian' ? { board: boardFolder } : {}),
  build: buildFolder,
  version: ownVersion(),
});

/** Its files that are there, the one to try first first: what was compiled on the board fits its libraries. */
export function addonFiles({ file, item }: AddonName, places = addonPlaces()): readonly string[] {
  const { board } = places;
  const onBoard = board !== undefined && staleOnBoard({ file, item }, places) === undefined;
  return [...(onBoard ? [path.join(board, file)] : []), path.join(places.build, 'out', file)].filter((each) =>
    existsSync(each),
  );
}

/** In words: the one on the board was compiled for another version of Goshawk, whose addons it may not fit. */
function staleOnBoard({ file, item }: AddonName, { board, version }: AddonPlaces): string | undefined {
  if (board === undefined || !existsSync(path.join(board, file))) return undefined;
  const built = buildReport(board).find(({ name }) => name === item)?.version;
  if (built === version) return undefined;
  return `${path.join(board, file)} was compiled for Goshawk ${built ?? 'of no known version'}, this is ${version}`;
}

/** The first one that loads, or why none of them does. */
export function loadFirst<Addon>(
  name: AddonName,
  places = addonPlaces(),
  load: (file: string) => unknown = createRequire(import.meta.url),
): { readonly addon?: Addon; readonly problems: readonly string[]; readonly cause?: unknown } {
  const stale = staleOnBoard(name, places);
  const problems: string[] = stale === undefined ? [] : [`${stale}: ${buildCommand()}`];
  let cause: unknown;
  for (const file of addonFiles(name, places)) {
    try {
      return { addon: load(file) as Addon, problems };
    } catch (error) {
      cause ??= error;
      const words = error instanceof Error ? error.message : String(error);
      // The loader's words begin with the file where it is the one that is damaged, and with a library where that is missing.
      problems.push(words.includes(file) ? words : `${file}: ${words}`);
    }
  }
  return { problems, cause };
}

/** The library of others that was not found, by the words of the loader; undefined: something else was wrong. */
export function absentLibrary(words: string): string | undefined {
  return /(?:^|\s)([^\s/]+\.so[^\s/]*): cannot open shared object file: No such file/.exec(words)?.[1];
}
