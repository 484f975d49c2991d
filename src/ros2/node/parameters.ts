import { type Clock, defined, describeError } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import { writeParameterEvent } from '../messages/parameter-events.ts';
import {
  type ParameterDescriptor,
  type ParameterValue,
  parameterTypeNumber,
} from '../messages/parameter-messages.ts';
import type { NamedValue, SetResult } from '../messages/services.ts';
import type { RosEndpoint, RosNode, RosPublisher } from './node-port.ts';
import { qosProfiles } from './qos.ts';

/** A parameter that is neither kept nor cached here: whoever declares it holds the value. */
export interface Parameter extends Omit<ParameterDescriptor, 'type'> {
  get(): ParameterValue;
  /** Throws for a value that it refuses; its type and range were checked. */
  set(value: ParameterValue): void;
}

/**
 * What `ros2 param list`, `get`, `set`, `describe` and `dump` ask a node for. The set of parameters is fixed: another name
 * is refused, as in a node that does not allow undeclared parameters. What changed, whoever changed it, is told on
 * `/parameter_events`.
 */
export function serveParameters(
  node: RosNode,
  clock: Clock,
  parameters: readonly Parameter[],
): RosEndpoint[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const current = (name: string): ParameterValue => known.get(name)?.get() ?? { type: 'not_set' };
  const events = tellChanges(node, clock, parameters);
  const setAll = (given: readonly NamedValue[]): SetResult => {
    const changes = given.map(({ name, value }) => ({ name, value: asList(current(name), value) }));
    const refused = changes.map((change) => refusal(known, change)).find((reason) => reason !== undefined);
    if (refused !== undefined) return { successful: false, reason: refused };
    const before = changes.map(({ name }) => ({ name, value: current(name) }));
    for (const [index, { name, value }] of changes.entries()) {
      try {
        known.get(name)?.set(value);
      } catch (error) {
        // All or nothing: what was set before this one goes back, the last first.
        const stuck = before
          .slice(0, index)
          .reverse()
          .filter((old) => !isSetBack(known, old));
        return { successful: false, reason: [describeError(error), ...stuck.map(told)].join(' ') };
      }
    }
    events.poll();
    return { successful: true, reason: '' };
  };
  const at = (name: string) => `~/${name}`;
  return [
    events,
    node.serve(at('get_parameters'), 'rcl_interfaces/srv/GetParameters', ({ names }) => ({
      values: names.map(current),
    })),
    node.serve(at('get_parameter_types'), 'rcl_interfaces/srv/GetParameterTypes', ({ names }) => ({
      types: names.map((name) => parameterTypeNumber(current(name).type)),
    })),
    node.serve(at('set_parameters'), 'rcl_interfaces/srv/SetParameters', ({ parameters: changes }) => ({
      results: changes.map((change) => setAll([change])),
    })),
    node.serve(
      at('set_parameters_atomically'),
      'rcl_interfaces/srv/SetParametersAtomically',
      ({ parameters: changes }) => ({ result: setAll(changes) }),
    ),
    node.serve(at('describe_parameters'), 'rcl_interfaces/srv/DescribeParameters', ({ names }) => ({
      descriptors: names.map((name) => describe(known, name)),
    })),
    node.serve(at('list_parameters'), 'rcl_interfaces/srv/ListParameters', ({ prefixes, depth }) => ({
      result: list([...known.keys()], prefixes, depth),
    })),
  ];
}

/** False for one that is refused now, though it was there: a class of the model before, for example. */
function isSetBack(known: ReadonlyMap<string, Parameter>, { name, value }: NamedValue): boolean {
  try {
    known.get(name)?.set(value);
    return true;
  } catch {
    return false;
  }
}

function told({ name }: NamedValue): string {
  return `${name} could not be set back.`;
}

/** Changes that another side makes are seen within this time. */
const pollEveryMs = 500;

function tellChanges(node: RosNode, clock: Clock, parameters: readonly Parameter[]) {
  const publisher = node.advertise(
    '/parameter_events',
    'rcl_interfaces/msg/ParameterEvent',
    qosProfiles.parameterEvents,
  );
  const writer = new CdrWriter();
  const { namespace, name } = node.name;
  const fullName = `${namespace === '/' ? '' : namespace}/${name}`;
  const told = new Map<string, string>();
  const poll = () => {
    const added: NamedValue[] = [];
    const changed: NamedValue[] = [];
    const texts = new Map<string, string>();
    for (const parameter of parameters) {
      const value = parameter.get();
      const text = JSON.stringify(value);
      const before = told.get(parameter.name);
      if (text === before) continue;
      texts.set(parameter.name, text);
      (before === undefined ? added : changed).push({ name: parameter.name, value });
    }
    if (added.length + changed.length === 0) return;
    const event = { stampNs: clock.wallNs(), node: fullName, added, changed };
    if (isPublished(publisher, writeParameterEvent(writer, event)))
      for (const [name, text] of texts) told.set(name, text);
  };
  poll();
  const cancel = clock.every(pollEveryMs, poll);
  return {
    topic: publisher.topic,
    poll,
    close: () => {
      cancel();
      publisher.close();
    },
  };
}

/** An event that was not delivered is sent with the next poll: the parameter is set in any case. */
function isPublished(publisher: RosPublisher, bytes: Uint8Array): boolean {
  try {
    return publisher.publish(bytes);
  } catch {
    return false;
  }
}

/** `ros2 param load` sends the `[]` that `ros2 param dump` wrote as an empty list of bools. */
function asList(parameter: ParameterValue, value: ParameterValue): ParameterValue {
  const empty = 'empty' in value && value.empty === true;
  return parameter.type === 'string_array' && empty ? { type: 'string_array', value: [] } : value;
}

function refusal(known: ReadonlyMap<string, Parameter>, { name, value }: NamedValue): string | undefined {
  const parameter = known.get(name);
  if (parameter === undefined) {
    return `There is no parameter ${name}; there are ${[...known.keys()].join(', ')}.`;
  }
  const { type } = parameter.get();
  if (value.type !== type) {
    const hint = type === 'double' ? ' (write 0.5 or 1.0, with a point)' : '';
    return `${name} is of type ${type}${hint}, not ${value.type}.`;
  }
  const { range } = parameter;
  if (value.type !== 'double' || range === undefined) return undefined;
  return value.value >= range.from && value.value <= range.to
    ? undefined
    : `${name} must be from ${range.from} to ${range.to}.`;
}

function describe(known: ReadonlyMap<string, Parameter>, name: string): ParameterDescriptor {
  const parameter = known.get(name);
  if (parameter === undefined) return { name, type: 'not_set', description: '' };
  const { description, constraints, range } = parameter;
  return {
    ...{ name, type: parameter.get().type, description },
    ...defined({ constraints, range }),
  };
}

/** As in rclcpp: names that equal a prefix or lie below it, down to `depth` levels of the dotted name; 0 is no limit. */
function list(names: readonly string[], prefixes: readonly string[], depth: number) {
  const levels = (text: string) => text.split('.').length;
  const found = names.filter((name) => {
    if (prefixes.length === 0) return depth === 0 || levels(name) <= depth;
    return prefixes.some(
      (prefix) =>
        name === prefix ||
        (name.startsWith(`${prefix}.`) && (depth === 0 || levels(name.slice(prefix.length + 1)) <= depth)),
    );
  });
  const parents = found
    .filter((name) => name.includes('.'))
    .map((name) => name.slice(0, name.lastIndexOf('.')));
  return { names: found, prefixes: [...new Set(parents)] };
}

/** What a parameter is made of, besides its type. */
export interface ParameterBody<Value> {
  readonly name: string;
  readonly description: string;
  readonly constraints?: string;
  readonly get: () => Value;
  readonly set: (value: Value) => void;
}

export function boolParameter({ get, set, ...rest }: ParameterBody<boolean>): Parameter {
  return {
    ...rest,
    get: () => ({ type: 'bool', value: get() }),
    set: (value) => value.type === 'bool' && set(value.value),
  };
}

export function doubleParameter(
  { get, set, ...rest }: ParameterBody<number>,
  range: { readonly from: number; readonly to: number },
): Parameter {
  return {
    ...rest,
    range,
    get: () => ({ type: 'double', value: get() }),
    set: (value) => value.type === 'double' && set(value.value),
  };
}

export function stringsParameter({ get, set, ...rest }: ParameterBody<readonly string[]>): Parameter {
  return {
    ...rest,
    get: () => ({ type: 'string_array', value: get() }),
    set: (value) => value.type === 'string_array' && set(value.value),
  };
}
