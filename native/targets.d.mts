/* What tests read of targets.mjs. */

interface Target {
  readonly file: string;
  readonly sources: readonly string[];
  readonly libraries: readonly string[];
}

export const targets: Readonly<Record<'dds' | 'fastdds' | 'gstreamer', (found: object) => Target>>;
export function linkArguments(
  target: Target,
  objects: readonly string[],
  file: string,
  options?: { readonly portable?: boolean; readonly stubs?: string },
): readonly string[];
