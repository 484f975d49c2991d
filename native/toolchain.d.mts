/* What tests read of toolchain.mjs; the build itself is plain JavaScript, for it runs before anything is compiled. */

interface Place {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `/` except in tests. */
  readonly root?: string;
  readonly arch?: string;
}

/** `include` and `library`, or `problem` in words; of some also which version. */
interface Headers {
  readonly include?: string;
  readonly major?: number;
  readonly version?: string;
  readonly library?: string;
  readonly problem?: string;
}

export function rosFolders(place?: Place): readonly string[];
export function libraryFolder(include: string, library: string, place?: Place): string | undefined;
export function cycloneDds(place?: Place): Headers | undefined;
export function fastDds(place?: Place): Headers | undefined;

export function portableFastDds(found: Headers | undefined): Headers | undefined;
export function kernelArguments(
  nvcc: string,
  source: string,
  target: string,
): { readonly problem?: string; readonly args?: readonly string[]; readonly archs?: readonly string[] };
