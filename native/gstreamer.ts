import { MissingError } from '../src/base/index.ts';
import { installRemedy } from '../src/platform/index.ts';
import { absentLibrary, addonFiles, loadFirst } from './addon-file.ts';
import { buildReport } from './build-report.ts';
import { buildCommand, compilesInPlace } from './installation.ts';

export interface GstPipelineOptions {
  /** The first whose elements are all installed is played; its pictures, nv12 or I420, end in an appsink named `out`. */
  readonly launches: readonly { readonly needs: readonly string[]; readonly text: string }[];
  /** Set on elements by their name; one that the element does not have is left out. */
  readonly properties: readonly { readonly element: string; readonly name: string; readonly value: string }[];
  readonly keyFramesOnly: boolean;
  /** A larger picture ends the pipeline with an event `size`. */
  readonly maxPixels: number;
  /** Memory that pictures may stay in, as bits (`pictureMemories`); absent: all are copied. */
  readonly deviceMemories?: number;
  /** Buffers of the decoder that are held at once, 4 by default; a picture more is copied. */
  readonly mostHeld?: number;
  /** The compressed stream is given too. */
  readonly stream?: boolean;
}

/** A part of the compressed stream: a whole JPEG, or bytes of an MPEG transport stream that are cut anywhere. */
export interface GstStreamPiece {
  readonly jpeg: boolean;
  /** Of a JPEG; of a transport stream that begins with this piece, the time of its first picture. */
  readonly timeNs?: bigint;
  readonly bytes: Uint8Array;
}

export interface GstPicture {
  readonly id: number;
  /** nv12 in native memory, valid until `release(id)`; absent where the picture stayed where the decoder put it. */
  readonly bytes?: Uint8Array;
  /** Such a picture: what the other addon reads it by, until `release(id)`. */
  readonly device?: object;
  /** Of such a picture: `dmabuf`, `memfd` or `nvmm`. */
  readonly memory?: string;
  readonly width: number;
  readonly height: number;
  readonly step: number;
  /** Of the stream. */
  readonly timeNs?: bigint;
  /** Counts every picture that was decoded; a gap is one that gave way to a newer one. */
  readonly sequence: number;
}

export interface GstEvent {
  /** `missing`: `text` names an element or what no decoder is there for; `size`: `text` is `0x0`; `closed` is the last. */
  readonly kind: 'error' | 'missing' | 'size' | 'ended' | 'closed';
  /** Of an error: GStreamer's domain, e.g. `gst-resource-error-quark`, and its number there. */
  readonly domain: string;
  readonly code: number;
  /** The message, and what GStreamer adds for who debugs in the lines after it. May hold an address with a password. */
  readonly text: string;
}

export interface GstPipelineHandle {
  /** The newest picture, what came before the decoder, and what happened since; null after `close`. */
  take(): {
    readonly picture?: GstPicture;
    readonly stream?: readonly GstStreamPiece[];
    readonly events: readonly GstEvent[];
  } | null;
  release(id: number): void;
  /** The pixels of a picture that stayed where it was, copied when it is first asked; null where that can't be. */
  copy(id: number): Uint8Array | null;
  counts(): {
    readonly bytes: number;
    readonly decodeErrors: number;
    readonly overrun: number;
    /** Pictures that stayed where they were, and those that were copied although their memory was wanted as it is. */
    readonly inDeviceMemory: number;
    readonly copied: number;
    /** Buffers of the decoder that are held now. */
    readonly held: number;
  };
  /** At once; the event `closed` follows. */
  stop(): void;
  /** Nothing is told after it. */
  close(): void;
}

/** What goshawk_gstreamer.node exports; `onNotice` is called when there is something to `take`. */
export interface GstreamerAddon {
  /** Plays at once, on a thread of its own. */
  readonly GstPipeline: new (
    options: GstPipelineOptions,
    onNotice: () => void,
  ) => GstPipelineHandle;
  version(): string;
  /** The element that is missing for `stream`; '': none is. */
  streamProblem(): string;
  /** Why pictures can't stay in the memory of a Jetson here; '': they can. */
  surfaceProblem(): string;
}

const name = { file: 'goshawk_gstreamer.node', item: 'gstreamer' };
const packages =
  'libgstreamer-plugins-base1.0-0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav';
let loaded: GstreamerAddon | undefined;

/** True where the addon was built; whether it loads is another question. */
function gstreamerBuilt(): boolean {
  return gstreamerFile() !== undefined;
}

/** Where the addon is; undefined where it was not built. */
export function gstreamerFile(): string | undefined {
  return addonFiles(name)[0];
}

/** Throws a MissingError that says why GStreamer can't be used from here and what to install. */
export function loadGstreamer(): GstreamerAddon {
  if (loaded !== undefined) return loaded;
  if (!gstreamerBuilt()) throw notBuilt();
  const { addon, problems, cause } = loadFirst<GstreamerAddon>(name);
  if (addon === undefined) {
    throw new MissingError(
      problems.every(absentLibrary) ? 'gstreamer-library-absent' : 'gstreamer-load',
      `The addon for GStreamer does not load: ${problems.join('; ')}`,
      compilesInPlace() ? `Install GStreamer and build again: ${buildCommand()}` : installRemedy(packages),
      { cause },
    );
  }
  loaded = addon;
  return addon;
}

function notBuilt(): MissingError {
  const item = buildReport().find((each) => each.name === name.item);
  return new MissingError(
    'gstreamer-not-built',
    `GStreamer can't be used without its addon: ${item?.detail ?? 'it has not been built on this machine'}.`,
    item === undefined || item.remedy === ''
      ? `Run ${buildCommand()}; network cameras are read through ffmpeg without it.`
      : `${item.remedy} Then run ${buildCommand()}.`,
  );
}
