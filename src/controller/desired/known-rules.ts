import type { DesiredSettings } from '../../api/index.ts';
import type { PipelineSettings, Reported } from '../../protocol/index.ts';

/** Zones and lines by camera. */
export type KnownRules = ReadonlyMap<string, NonNullable<PipelineSettings['rules']>>;

/** Those that the fleet wants, or else those that the device reported. Undefined: it has not reported yet. */
export function knownRules(
  { pipelines = {} }: Pick<DesiredSettings, 'pipelines'>,
  reported: Pick<Reported, 'pipelines'> | undefined,
): KnownRules | undefined {
  if (reported === undefined) return undefined;
  const cameras = new Set([...Object.keys(reported.pipelines), ...Object.keys(pipelines)]);
  cameras.delete('*');
  return new Map(
    [...cameras].map((camera) => [
      camera,
      pipelines[camera]?.rules ?? pipelines['*']?.rules ?? reported.pipelines[camera]?.rules ?? {},
    ]),
  );
}

/** Names of the zones or lines of some cameras, sorted. */
export function namesOfRules(known: Iterable<KnownRules>, of: 'zones' | 'lines'): string[] {
  const names = new Set<string>();
  for (const cameras of known)
    for (const rules of cameras.values()) for (const name of Object.keys(rules[of] ?? {})) names.add(name);
  return [...names].sort();
}
