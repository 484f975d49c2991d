import type { TSchema } from '@sinclair/typebox';
import { defined, type Log } from '../../base/index.ts';
import { AgentSettings } from './agent.ts';
import { ControllerSettings } from './controller.ts';
import { type Environment, variablesOf } from './environment.ts';
import { nearestName } from './nearest-name.ts';

/** Names that are no settings and that some program of Goshawk reads. */
export const otherVariables: readonly string[] = [
  'GOSHAWK_ALLOW_DOWNGRADE',
  'GOSHAWK_BUILDER',
  'GOSHAWK_CHECK_PATIENCE',
  'GOSHAWK_CHECK_SECONDS',
  'GOSHAWK_CUDA_ARCHS',
  'GOSHAWK_CUDA_HOME',
  'GOSHAWK_CYCLONEDDS_INCLUDE',
  'GOSHAWK_DEVICE_TREE',
  'GOSHAWK_FASTDDS_INCLUDE',
  'GOSHAWK_GSTREAMER_INCLUDE',
  'GOSHAWK_FIRSTBOOT_PLACE',
  'GOSHAWK_FIRSTBOOT_ROOT',
  'GOSHAWK_ONNXRUNTIME_INCLUDE',
  'GOSHAWK_PLUGINS',
  'GOSHAWK_RCLNODEJS',
  'GOSHAWK_REGISTRY_PASSWORD',
  'GOSHAWK_REGISTRY_USER',
  'GOSHAWK_TENSORRT_INCLUDE',
  'GOSHAWK_CONTEXT',
  'GOSHAWK_TOKEN',
  'GOSHAWK_URL',
];

/** A variable that nobody reads although its name says that it is for Goshawk. */
export interface StrayVariable {
  readonly name: string;
  readonly nearest: string | undefined;
  /** The section that is given as a whole where no file names its entries, such as GOSHAWK_CAMERAS. */
  readonly section?: string;
}

/**
 * `settings` are in force by `schema`. One environment may serve an agent and a controller, so what is a setting of the
 * other one is no mistake; the names of its cameras are in its file, and any is taken for one.
 */
export function strayVariables(schema: TSchema, settings: unknown, env: Environment): StrayVariable[] {
  const own = variablesOf(schema, settings);
  const others = [AgentSettings, ControllerSettings].filter((one) => one !== schema);
  const open = others.flatMap((one) => variablesOf(one, undefined).open);
  const known = [
    ...own.names,
    ...others.flatMap((one) => variablesOf(one, undefined).names),
    ...otherVariables,
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith('GOSHAWK_') && !known.includes(name))
    .filter((name) => !open.some((prefix) => name.startsWith(prefix)))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, known);
      const prefix = own.open.find((one) => name.startsWith(one));
      const section = nearest === undefined ? prefix?.slice(0, -1) : undefined;
      return { name, nearest, ...defined({ section }) };
    });
}

/** `Unknown variable GOSHAWK_BROKR_URL (ignored). Did you mean GOSHAWK_BROKER_URL?` */
export function describeStray({ name, nearest, section }: StrayVariable): string {
  if (section !== undefined)
    return `Unknown variable ${name} (ignored): no entry of the settings has that name. Name it in the file, or give ${section} as JSON.`;
  return `Unknown variable ${name} (ignored).${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`;
}

/** At the start: a misspelled variable changes nothing, and whoever set it believes that it does. */
export function warnOfStrayVariables(
  log: Log,
  schema: TSchema,
  settings: unknown,
  env: Environment = process.env,
): void {
  for (const stray of strayVariables(schema, settings, env)) log.warn(describeStray(stray));
}
