import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import {
  absentLibrary,
  buildCommand,
  buildReport,
  ddsFile,
  gstreamerFile,
  isolation,
  loadDds,
  loadGstreamer,
  loadNative,
  planProcess,
  pluginPath,
} from '../../native/index.ts';
import { MissingError } from '../../src/base/index.ts';

/** The compiled parts, each a library of its own. */
const addonNames = [
  'plane',
  'isolation',
  'reference',
  'onnxruntime',
  'tensorrt',
  'gstreamer',
  'dds',
  'fastdds',
] as const;
export type AddonName = (typeof addonNames)[number];

export interface AddonFile {
  readonly name: AddonName;
  /** Where it is installed; undefined where it is not. */
  readonly file: string | undefined;
  /** Of the build: what it was compiled against, or why it was not compiled. */
  readonly detail: string;
  /** How it gets here, where it is not installed. */
  readonly remedy: string;
  /** The compiler refused it. */
  readonly buildFailed: boolean;
}

interface Part {
  readonly file: () => string | undefined;
  /** The product's own loader: it knows what to do where the library does not load. */
  readonly load?: () => unknown;
}

const parts: Readonly<Record<AddonName, Part>> = {
  plane: { file: planeFile, load: loadNative },
  isolation: { file: () => isolation()?.plugin },
  reference: { file: () => pluginPath('reference') },
  onnxruntime: { file: () => pluginPath('onnxruntime') },
  tensorrt: { file: () => pluginPath('tensorrt') },
  gstreamer: { file: gstreamerFile, load: loadGstreamer },
  dds: { file: () => ddsFile('cyclone'), load: () => loadDds('cyclone') },
  fastdds: { file: () => ddsFile('fastdds'), load: () => loadDds('fastdds') },
};

function planeFile(): string | undefined {
  const { addon } = planProcess();
  return existsSync(addon) ? addon : undefined;
}

/** Which parts are installed here. Nothing is loaded. */
export function addonFiles(): readonly AddonFile[] {
  const report = new Map(buildReport().map((item) => [item.name, item]));
  return addonNames.map((name) => {
    const item = report.get(name === 'plane' ? 'addon' : name);
    return {
      name,
      file: parts[name].file(),
      detail: item?.detail ?? 'not built',
      remedy: item?.remedy ? `${item.remedy} Then run ${buildCommand()}.` : `Run ${buildCommand()}.`,
      buildFailed: item?.state === 'failed',
    };
  });
}

/**
 * Loads the part with all of its symbols at once, so that one that is missing is missed now and not at its first use. Throws a
 * MissingError: `addon-load` with the words of the loader, or `addon-library-absent`, where the part is whole and the library of
 * others that it is for is not here. To be called in a process that may die of it.
 */
export function loadAddon(name: AddonName): void {
  const file = parts[name].file();
  if (file === undefined) {
    const { detail, remedy } = addonFiles().find((one) => one.name === name)!;
    throw new MissingError('addon-absent', `It is not installed: ${detail}.`, remedy);
  }
  try {
    process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_NOW);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    // A plugin is no module of Node: that is said once it was loaded.
    if (words.startsWith('Module did not self-register')) return;
    const library = absentLibrary(words);
    if (library !== undefined)
      throw new MissingError(
        'addon-library-absent',
        `It needs ${library}, which is not installed.`,
        remedyOf(name),
        { cause },
      );
    throw new MissingError('addon-load', `${file} is installed and does not load: ${words}`, remedyOf(name), {
      cause,
    });
  }
}

function remedyOf(name: AddonName): string {
  try {
    parts[name].load?.();
  } catch (error) {
    if (error instanceof MissingError) return error.remedy;
  }
  return `Install Goshawk again, or build it on this machine: ${buildCommand()}.`;
}
