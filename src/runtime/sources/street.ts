import type { StreetFrameSource } from '../../adapters/street/index.ts';
import { type Clock, defined, InputError, parseDurationMs } from '../../base/index.ts';
import { conditionNames, type StreetConditions } from '../../simulation/index.ts';

export interface StreetRequest {
  readonly clock: Clock;
  readonly fps: number;
  readonly camera?: string;
  readonly seed?: number;
  readonly frameId?: string;
}

interface StreetSpec {
  readonly conditions: Partial<StreetConditions>;
  /** The conditions come so much later, with a clear street before. */
  readonly afterMs: number;
}

/** `sim`, or `sim?fog=4&after=20s`: a simulated street, its weather and its camera's faults. */
export function isStreet(spec: string): boolean {
  return spec === 'sim' || spec.startsWith('sim?');
}

/** Severities run from 0 to 5; `traffic` from 0 (empty) over 1 (ordinary) to 3 (rush hour). Throws an InputError. */
export function parseStreet(spec: string): StreetSpec {
  const conditions: Record<string, number> = {};
  let afterMs = 0;
  for (const [name, text] of new URLSearchParams(spec.slice('sim?'.length))) {
    if (name === 'after') afterMs = duration(spec, text);
    else if (name === 'traffic' || conditionNames.some((known) => known === name)) {
      conditions[name] = severity(spec, name, text);
    } else throw wrong(spec, `"${name}" is not a condition`);
  }
  return { conditions, afterMs };
}

/** Opens nothing yet: the source does with its first receiver; late conditions count from here. */
export async function openStreet(spec: string, request: StreetRequest): Promise<StreetFrameSource> {
  const { conditions, afterMs } = parseStreet(spec);
  const { clock, camera, fps, seed, frameId } = request;
  const { StreetFrameSource } = await import('../../adapters/street/index.ts');
  const source = new StreetFrameSource({
    camera: camera ?? 'camera',
    clock,
    seed: seed ?? 1,
    fps,
    ...defined({ frameId }),
    ...(afterMs > 0 ? {} : { conditions }),
  });
  if (afterMs > 0) clock.after(afterMs, () => source.setConditions(conditions));
  return source;
}

function duration(spec: string, text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) throw wrong(spec, `"${text}" is not a duration such as 20s`);
  return durationMs;
}

function severity(spec: string, name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 5) return value;
  throw wrong(spec, `${name} runs from 0 to 5, not "${text}"`);
}

function wrong(spec: string, what: string): InputError {
  return new InputError(
    'street-source',
    `The source ${spec} is not valid: ${what}.`,
    `Write sim, or sim?CONDITION=SEVERITY&after=TIME with ${conditionNames.join(', ')} or traffic.`,
  );
}
