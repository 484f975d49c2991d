/*
 * What the settings of a board need of its system, compared with what was found to work in the root file system of its image: a
 * board without a login is the wrong place to learn that a library is missing.
 */

/** What was tried in the root; the words of what failed, '' where it works. */
export type TriedParts = Readonly<Record<PartName, string>>;
export type PartName =
  | 'plane'
  | 'onnxruntime'
  | 'isolated'
  | 'tensorrt'
  | 'cyclone'
  | 'fastdds'
  | 'gstreamer'
  | 'ffmpeg';

/** Of the agent's settings; everything else is checked where settings are read. */
export interface SettingsOfParts {
  readonly engine?: unknown;
  readonly isolate?: unknown;
  readonly ros?: { readonly adapter?: unknown };
  readonly cameras?: Readonly<Record<string, { readonly source?: unknown } | undefined>>;
}

interface Need {
  /** Of the settings: `cameras.front.source`. */
  readonly by: string;
  /** One of them is enough. */
  readonly parts: readonly PartName[];
}

/** Debian's packages that bring a part; absent: it comes with the agent's package or not at all. */
const packagesOf: Partial<Record<PartName, string>> = {
  cyclone: 'libddsc0t64',
  fastdds: 'libfastdds3.1',
  gstreamer:
    'gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav',
  ffmpeg: 'ffmpeg',
};

const adapters: Readonly<Record<string, readonly PartName[]>> = {
  auto: ['cyclone', 'fastdds'],
  dds: ['cyclone'],
  fastdds: ['fastdds'],
};
const engines: Readonly<Record<string, readonly PartName[]>> = {
  onnxruntime: ['plane', 'onnxruntime'],
  tensorrt: ['plane', 'tensorrt'],
};

function needsOf({ engine, isolate, ros, cameras = {} }: SettingsOfParts): readonly Need[] {
  const needs: Need[] = (engines[String(engine)] ?? []).map((part) => ({ by: 'engine', parts: [part] }));
  if (isolate === true) needs.push({ by: 'isolate', parts: ['isolated'] });
  const graph = adapters[String(ros?.adapter ?? 'auto')];
  if (ros !== undefined && graph !== undefined) needs.push({ by: 'ros', parts: graph });
  for (const [name, camera] of Object.entries(cameras)) {
    const parts = partsOfSource(String(camera?.source ?? ''), graph ?? []);
    if (parts.length > 0) needs.push({ by: `cameras.${name}.source`, parts });
  }
  return needs;
}

function partsOfSource(source: string, graph: readonly PartName[]): readonly PartName[] {
  if (/^(rtsps?|https?):\/\//.test(source)) {
    const [, decoder] = /[#&]decoder=(gstreamer|ffmpeg)/.exec(source) ?? [];
    return decoder === undefined ? ['gstreamer', 'ffmpeg'] : [decoder as PartName];
  }
  if (/^(gst|csi):/.test(source)) return ['gstreamer'];
  if (source.startsWith('ros:')) return graph;
  if (source.startsWith('v4l2:')) return ['plane'];
  return /\.(mp4|mkv|avi|mov|webm|ts)$/i.test(source) ? ['ffmpeg'] : [];
}

export interface MissingPart {
  /** What of the settings needs it, and why it is not to be had. */
  readonly problem: string;
  readonly remedy: string;
}

/** What the settings need and the root does not have. */
export function missingParts(settings: SettingsOfParts, tried: TriedParts): readonly MissingPart[] {
  return needsOf(settings)
    .filter(({ parts }) => parts.every((part) => tried[part] !== ''))
    .map(({ by, parts }) => ({
      problem: `${by} needs ${parts.join(' or ')}: ${parts.map((part) => tried[part]).join('; ')}`,
      remedy: remedyOf(parts[0]),
    }));
}

function remedyOf(part: PartName | undefined): string {
  const packages = part === undefined ? undefined : packagesOf[part];
  if (packages !== undefined)
    return packages
      .split(' ')
      .map((name) => `--package ${name}`)
      .join(' ');
  return part === 'tensorrt'
    ? 'TensorRT is on a Jetson alone: take "onnxruntime" or "auto" for engine'
    : 'build the package of the agent again (npm run package)';
}
