import { readFile } from 'node:fs/promises';
import { readYaml } from '../../adapters/yaml/index.ts';
import { InputError } from '../../base/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { levelFor, parametersOf, parseRosArguments, splitRosArguments } from './ros-arguments.ts';

const defaultNode = 'goshawk';

/** Parameters of one camera, and the option of `goshawk run` that each is. */
const options: Readonly<Record<string, (value: unknown) => string[] | undefined>> = {
  score_threshold: (value) => (typeof value === 'number' ? ['--score', String(value)] : undefined),
  iou_threshold: (value) => (typeof value === 'number' ? ['--iou', String(value)] : undefined),
  classes: (value) => {
    if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) return undefined;
    return value.length === 0 ? [] : ['--classes', value.join(',')];
  },
  // What it is anyway.
  enabled: (value) => (value === true ? [] : undefined),
  use_sim_time: (value) => {
    if (typeof value !== 'boolean') return undefined;
    return value ? ['--ros-sim-time'] : [];
  },
};

/**
 * A command line whose arguments of ROS have become options of `goshawk run`: `-r __node:=eyes` is `--ros-node /eyes`. What
 * can't be one is refused with an InputError; a line without `--ros-args` is given back as it is.
 */
export async function translateRosArguments(argv: readonly string[]): Promise<string[]> {
  const { rest, ros } = splitRosArguments(argv);
  if (ros.length === 0) return rest;
  const { remap, node, namespace, parameters, levels } = parseRosArguments(ros);
  const name = `${namespace === undefined ? '' : `/${namespace}`}/${node ?? defaultNode}`.replace(
    /\/+/g,
    '/',
  );
  const renamed = node !== undefined || namespace !== undefined;
  const level = levelFor(name, levels);
  const agent = isAgent(rest);
  // Of an agent with several cameras it is `front.classes`.
  const known = (parameter: string) =>
    Object.hasOwn(options, agent ? (parameter.split('.').at(-1) ?? '') : parameter);
  const values: Record<string, unknown> = {};
  for (const each of parameters) {
    if ('file' in each) Object.assign(values, parametersOf(await readParameters(each.file), name, known));
    else if (each.node === undefined || `/${each.node}`.replace(/^\/+/, '/') === name || each.node === node)
      values[each.name] = readYaml(each.value);
  }
  return [
    ...rest,
    ...(level === undefined ? [] : ['--log', level]),
    ...(renamed ? ['--ros-node', name] : []),
    ...(remap.length === 0 ? [] : ['--ros-remap', remap.join(',')]),
    ...Object.entries(values).flatMap(([parameter, value]) =>
      agent ? ['--ros-parameter', `${parameter}:=${JSON.stringify(value)}`] : optionOf(parameter, value),
    ),
  ];
}

/** Node and script are in front. */
function isAgent(argv: readonly string[]): boolean {
  return argv.find((word) => word === 'run' || word === 'agent') === 'agent';
}

function optionOf(parameter: string, value: unknown): string[] {
  const known = Object.hasOwn(options, parameter) ? options[parameter]?.(value) : undefined;
  if (known !== undefined) return known;
  const text = JSON.stringify(value)?.slice(0, 60);
  throw new InputError(
    'ros-parameter',
    Object.hasOwn(options, parameter)
      ? `The parameter ${parameter} can't be ${text} at the start.`
      : `There is no parameter ${parameter.slice(0, 60)}; there are ${Object.keys(options).join(', ')}.`,
    'Correct it after --ros-args; ros2 param describe says which parameters can change while it runs.',
  );
}

async function readParameters(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw explainFileError(error, 'read parameters', file);
  }
  return readYaml(text);
}
