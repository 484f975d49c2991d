import { defined, InputError, type LogLevel, logLevels } from '../../base/index.ts';

/** What stands between `--ros-args` and `--`, or the end, as `ros2 run` and `ros2 launch` write it. */
export interface RosArguments {
  /** Each `from:=to`, without those of the node's name. */
  readonly remap: readonly string[];
  readonly node?: string;
  readonly namespace?: string;
  /** In the order given: a parameter, or a file of them. */
  readonly parameters: readonly RosParameterArgument[];
  /** In the order given; without a logger it is that of all. */
  readonly levels: readonly RosLevelArgument[];
}

export interface RosLevelArgument {
  readonly logger?: string;
  readonly level: LogLevel;
}

export type RosParameterArgument =
  | { readonly file: string }
  | { readonly node?: string; readonly name: string; readonly value: string };

/** Arguments of rcl that steer the files of its log, which ours does not have. They take the next word. */
const ofTheLog = new Set(['--log-config-file', '--log-file-name']);
const switches = /^--(?:enable|disable)-(?:stdout-logs|rosout-logs|external-lib-logs)$/;

/** Takes the arguments of ROS out of a command line. */
export function splitRosArguments(argv: readonly string[]): {
  readonly rest: string[];
  readonly ros: string[];
} {
  const rest: string[] = [];
  const ros: string[] = [];
  let inside = false;
  for (const word of argv) {
    if (word === '--ros-args') inside = true;
    else if (inside && word === '--') inside = false;
    else (inside ? ros : rest).push(word);
  }
  return { rest, ros };
}

/** Throws an InputError for what rcl would refuse, too. */
export function parseRosArguments(words: readonly string[]): RosArguments {
  const remap: string[] = [];
  const parameters: RosParameterArgument[] = [];
  const levels: RosLevelArgument[] = [];
  let node: string | undefined;
  let namespace: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (switches.test(word)) continue;
    at += 1;
    const value = words[at];
    if (value === undefined) throw wrong(`${word} needs a value`);
    if (word === '-r' || word === '--remap') {
      const [from, to] = pairOf(value);
      // `goshawk:__node:=name` renames one node of several; here there is one.
      const special = from.split(':').at(-1);
      if (special === '__node' || special === '__name') node = to;
      else if (special === '__ns') namespace = to;
      else remap.push(`${from}:=${to}`);
    } else if (word === '-p' || word === '--param') {
      const [from, to] = pairOf(value);
      const [name = '', ...owner] = from.split(':').reverse();
      parameters.push({
        name,
        value: to,
        ...(owner.length === 0 ? {} : { node: owner.reverse().join(':') }),
      });
    } else if (word === '--params-file') parameters.push({ file: value });
    else if (word === '--log-level') levels.push(levelOf(value));
    else if (!ofTheLog.has(word)) throw wrong(`${word} is unknown`);
  }
  return {
    ...{ remap, parameters, levels },
    ...defined({ node, namespace }),
  };
}

/** `debug`, or `robot1.goshawk:=debug` for one logger and those below it; in capitals as well. */
function levelOf(text: string): RosLevelArgument {
  const [logger, word] = text.includes(':=') ? pairOf(text) : [undefined, text];
  const level = logLevels.find((each) => each === word.toLowerCase());
  if (level === undefined) throw wrong(`"${text.slice(0, 100)}" is not a level of a log`);
  return { level, ...defined({ logger }) };
}

/** The level of a node's log: what was said last of the nearest logger above it. Undefined where nothing was said of it. */
export function levelFor(node: string, levels: readonly RosLevelArgument[]): LogLevel | undefined {
  const name = node.split('/').filter((part) => part !== '');
  const own = (logger: string) => {
    const path = logger.split('.');
    return path.length <= name.length && path.every((part, at) => part === name[at]);
  };
  let found: { readonly length: number; readonly level: LogLevel } | undefined;
  for (const { logger, level } of levels) {
    const length = logger?.length ?? 0;
    if ((logger === undefined || own(logger)) && length >= (found?.length ?? 0)) found = { length, level };
  }
  return found?.level;
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf(':=');
  if (at < 1 || at + 2 >= text.length) throw wrong(`"${text.slice(0, 100)}" is not a name:=value`);
  return [text.slice(0, at), text.slice(at + 2)];
}

function wrong(what: string): InputError {
  return new InputError(
    'ros-arguments',
    `Wrong arguments after --ros-args: ${what}.`,
    'Write -r from:=to, -r __node:=name, -r __ns:=/namespace, -p name:=value, --params-file file.yaml, --log-level debug (info, warn, error, fatal) or --log-level name:=debug.',
  );
}

/**
 * The parameters of a file that are this node's: `/goshawk`, `goshawk`, nested namespaces, and `/**` and `*` for any. Of a
 * section for any node only those that are known here: the others are another node's, as everywhere in ROS.
 */
export function parametersOf(
  document: unknown,
  node: string,
  known: (name: string) => boolean = () => true,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const name = node.split('/').filter((part) => part !== '');
  collect(document, [], (path, parameters) => {
    if (!matches(path, name)) return;
    const forAny = path.some((part) => part === '*' || part === '**');
    const own: Record<string, unknown> = {};
    flatten(parameters, '', own);
    for (const [key, value] of Object.entries(own)) if (!forAny || known(key)) found[key] = value;
  });
  return found;
}

function collect(
  value: unknown,
  path: readonly string[],
  take: (path: readonly string[], parameters: unknown) => void,
): void {
  if (!isMap(value)) return;
  for (const [key, below] of Object.entries(value)) {
    if (key === 'ros__parameters') take(path, below);
    else collect(below, [...path, ...key.split('/').filter((part) => part !== '')], take);
  }
}

/** `*` is one part of a name, `**` any number of them. */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === '**') return name.some((_, at) => matches(rest, name.slice(at))) || matches(rest, []);
  return (first === '*' ? name.length > 0 : name[0] === first) && matches(rest, name.slice(1));
}

/** Parameters below others have names with points. */
function flatten(value: unknown, prefix: string, found: Record<string, unknown>): void {
  if (!isMap(value)) return;
  for (const [key, below] of Object.entries(value)) {
    if (isMap(below)) flatten(below, `${prefix}${key}.`, found);
    else found[`${prefix}${key}`] = below;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
