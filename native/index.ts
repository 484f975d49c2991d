import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MissingError } from '../src/base/index.ts';
import type { NativeAddon } from './addon.ts';
import { buildReport } from './build-report.ts';
import { type DetectInNumbers, detectFrames, resultOf } from './frame-call.ts';
import { boardFolder, buildCommand, buildFolder, nativeFolder } from './installation.ts';

export type * from './addon.ts';
export { absentLibrary } from './addon-file.ts';
export { type BuildItem, buildReport } from './build-report.ts';
export {
  type DdsAddon,
  type DdsAnnounced,
  type DdsEndpointOptions,
  type DdsGaveWay,
  type DdsParticipantHandle,
  type DdsReaderHandle,
  type DdsStatusEvent,
  type DdsTaken,
  type DdsWriterHandle,
  ddsBuilt,
  ddsFile,
  loadDds,
  type Middleware,
} from './dds.ts';
export {
  type GstEvent,
  type GstPicture,
  type GstPipelineHandle,
  type GstPipelineOptions,
  type GstreamerAddon,
  type GstStreamPiece,
  gstreamerFile,
  loadGstreamer,
} from './gstreamer.ts';
export { buildCommand, nativeBuild } from './installation.ts';

const outFolder = path.join(buildFolder, 'out');
/** A folder that somebody names goes first. */
const pluginFolders =
  process.env.GOSHAWK_PLUGINS === undefined ? [outFolder, boardFolder] : [boardFolder, outFolder];

function builtFile(name: string): string | undefined {
  return pluginFolders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Where the plugin's library is, or undefined where it was not built. */
export function pluginPath(name: 'reference' | 'onnxruntime' | 'tensorrt'): string | undefined {
  return builtFile(`goshawk_${name}.so`);
}

/** What runs another plugin in a process of its own; undefined where it was not built. */
export function isolation(): { readonly plugin: string; readonly host: string } | undefined {
  const plugin = builtFile('goshawk_isolated.so');
  const host = builtFile('goshawk-engine-host');
  return plugin === undefined || host === undefined ? undefined : { plugin, host };
}

/** The compiled CUDA kernels for the tensorrt plugin's option `kernels`, or undefined where they were not built. */
export function kernelPath(): string | undefined {
  return builtFile('letterbox.fatbin');
}

/** What a process that builds a plan is started with. */
export function planProcess(): { readonly script: string; readonly addon: string } {
  return {
    script: path.join(nativeFolder, 'build-plan.mjs'),
    addon: path.join(buildFolder, 'out', 'goshawk.node'),
  };
}

interface InNumbers {
  readonly detect: DetectInNumbers;
  readonly postprocess: (...stage: Parameters<NativeAddon['postprocess']>) => Float64Array;
}

let loaded: NativeAddon | undefined;
let refused: MissingError | undefined;

/** From now on the addon is not loaded in this process: it was seen to fail, or to end a process. */
export function refuseNative(reason: MissingError): void {
  refused = reason;
}

/** The addon. Throws a MissingError that says why it is not there and what to do. */
export function loadNative(): NativeAddon {
  if (loaded !== undefined) return loaded;
  if (refused !== undefined) throw refused;
  const file = path.join(buildFolder, 'out', 'goshawk.node');
  if (!existsSync(file)) throw notBuilt();
  let exported: Omit<NativeAddon, 'detect' | 'postprocess'> & InNumbers;
  try {
    exported = createRequire(import.meta.url)(file);
  } catch (cause) {
    throw doesNotLoad(file, cause);
  }
  const { detect, postprocess } = exported;
  const addon: NativeAddon = {
    ...exported,
    detect: detectFrames(detect),
    postprocess: (...stage) => resultOf(postprocess(...stage)),
  };
  // process.exit tears no environment down, and ONNX Runtime must not outlive main().
  process.once('exit', () => addon.shutDown());
  loaded = addon;
  return addon;
}

function notBuilt(): MissingError {
  const item = buildReport().find(({ name }) => name === 'addon');
  return new MissingError(
    'native-not-built',
    item === undefined
      ? 'The native data plane has not been built on this machine.'
      : `The native data plane was not built: ${item.detail}.`,
    item?.remedy === undefined || item.remedy === ''
      ? `Run ${buildCommand()}; Goshawk runs without it, on onnxruntime-node.`
      : `${item.remedy} Then run ${buildCommand()}.`,
  );
}

function doesNotLoad(file: string, cause: unknown): MissingError {
  const words = cause instanceof Error ? cause.message : String(cause);
  let remedy = `Build it again on this machine: ${buildCommand()}`;
  if (words.includes('GLIBCXX') || words.includes('GLIBC_')) {
    remedy = `It was built on a newer system than this one. ${remedy}`;
  } else if (
    words.includes('wrong ELF class') ||
    words.includes('invalid ELF') ||
    words.includes('cannot open')
  ) {
    remedy = `It was built for another processor, is damaged, or lacks a library it needs. ${remedy}`;
  }
  return new MissingError('native-load', `The native data plane ${file} does not load: ${words}`, remedy, {
    cause,
  });
}
