import type { RobotOrder } from '../../agent/index.ts';
import { type Clock, InputError, LimitError, type Log, silentLog } from '../../base/index.ts';
import type { CallResultOf } from '../../protocol/index.ts';
import {
  Allowance,
  checkedMessage,
  type MessageStruct,
  messageJson,
  type RosNode,
  shippedService,
} from '../../ros2/index.ts';
import { type CallableRobotService, isSimpleService, type SimpleService } from './bridge-settings.ts';
import type { ServiceFinder } from './service-finder.ts';
import { typeHashOf } from './type-finder.ts';

export interface RobotServicesOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly services: ReadonlyMap<string, CallableRobotService>;
  readonly finder: ServiceFinder;
  readonly log?: Log;
}

const callTimeoutMs = 10_000;
const callsPerMinute = 30;
const maxMessage = 2000;
/** Characters of an answer as JSON, and how deep it lies: what MQTT carries. */
const maxReply = 64 << 10;
const maxReplyDepth = 24;

type RobotResult = CallResultOf<'robot'>;

/**
 * Calls of the fleet as services of the robot: of those that the settings name, one at a time of each, by whichever entry, 30 a minute. What a request
 * may say is what its type has, less what the settings fix.
 */
export class RobotServices {
  readonly #options: RobotServicesOptions;
  readonly #calls = new Allowance(callsPerMinute, 60_000);
  /** Full names of services. */
  readonly #calling = new Set<string>();

  constructor(options: RobotServicesOptions) {
    this.#options = options;
  }

  async call({ service: name, on, request = {} }: RobotOrder): Promise<RobotResult> {
    const { node, services, clock } = this.#options;
    const allowed = services.get(name);
    if (allowed === undefined) throw notAllowed(name, [...services.keys()]);
    const given = on === undefined ? request : { ...request, ...switched(name, allowed, on, request) };
    const fixed = Object.keys(given).find((field) => Object.hasOwn(allowed.request ?? {}, field));
    if (fixed !== undefined) throw isFixed(name, fixed);
    const asked = { ...given, ...allowed.request };
    if (allowed.type === 'std_srvs/srv/SetBool' && !Object.hasOwn(asked, 'data')) throw notSwitched(name);
    const called = node.topic(allowed.service);
    if (this.#calling.has(called)) throw tooOften(`The service ${called} is being called already.`);
    if (!this.#calls.take(clock.monotonicMs())) throw tooOften('The robot is called too often.');
    this.#calling.add(called);
    try {
      return await this.#ask(allowed, asked, given);
    } finally {
      this.#calling.delete(called);
    }
  }

  async #ask(
    { service, type }: CallableRobotService,
    asked: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
  ): Promise<RobotResult> {
    const { node, finder, log = silentLog } = this.#options;
    const simple = isSimpleService(type) ? type : undefined;
    const shape = simple === undefined ? finder.find(service, type) : shippedService(type, typeHashOf)!;
    const request = checkedMessage(shape.request.shape, asked);
    // Not the values: they may be anything.
    const fields = Object.keys(given);
    log.info('the fleet calls a service of the robot', {
      ...{ service, ...(fields.length === 0 ? {} : { fields }) },
      ...(typeof given.data === 'boolean' && simple !== undefined ? { on: given.data } : {}),
    });
    if (simple === undefined) {
      const answer = await node
        .callForeign(service, shape, request, callTimeoutMs)
        .catch((error: unknown) => {
          throw error instanceof InputError && unreadable.test(error.code)
            ? untold(type, error.message)
            : error;
        });
      return resultOf(type, answer);
    }
    return callSimple(node, service, simple, request);
  }
}

async function callSimple(
  node: RosNode,
  service: string,
  type: SimpleService,
  { data }: MessageStruct,
): Promise<RobotResult> {
  if (type === 'std_srvs/srv/Empty') {
    await node.call(service, type, {}, callTimeoutMs);
    return { message: '' };
  }
  const { success, message } =
    type === 'std_srvs/srv/SetBool'
      ? await node.call(service, type, { data: data === true }, callTimeoutMs)
      : await node.call(service, type, {}, callTimeoutMs);
  return { success, message: message.slice(0, maxMessage) };
}

/** `success` and `message` are those of the answer, where it has such fields; of an answer without nobody can say whether it was done. */
function resultOf(type: string, answer: MessageStruct): RobotResult {
  const reply = messageJson(answer);
  if (JSON.stringify(reply).length > maxReply || depthOf(reply) > maxReplyDepth)
    throw untold(
      type,
      `It has more than ${maxReply} characters of JSON, or is nested more than ${maxReplyDepth} deep.`,
    );
  const success = typeof reply.success === 'boolean' ? { success: reply.success } : {};
  const message = typeof reply.message === 'string' ? reply.message.slice(0, maxMessage) : '';
  return { ...success, message, reply };
}

/** Codes of answers that came and can't be read. */
const unreadable = /^(cdr|ros-reply)-/;

function untold(type: string, why: string): InputError {
  return new InputError(
    'robot-reply-untold',
    `A ${type} was called and answered, but its answer can't be shown: ${why.slice(0, 300)}`,
    'The service ran: do not call it again for the answer. Use a service with a smaller answer, or check its definition.',
  );
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, each) => Math.max(deepest, depthOf(each)), 0);
}

/** `on` is the one field of SetBool. */
function switched(
  name: string,
  { type }: CallableRobotService,
  on: boolean,
  request: Readonly<Record<string, unknown>>,
): { readonly data: boolean } | undefined {
  // As ever: a Trigger that is told on is called.
  if (type === 'std_srvs/srv/Trigger' || type === 'std_srvs/srv/Empty') return undefined;
  if (type === 'std_srvs/srv/SetBool' && !Object.hasOwn(request, 'data')) return { data: on };
  throw new InputError(
    'robot-call-on',
    `The service ${name} cannot be switched on or off, or its request sets that too.`,
    'Give only its request, as JSON.',
  );
}

function notSwitched(name: string): InputError {
  return new InputError(
    'robot-call-on',
    `The service ${name} is switched on or off.`,
    'Say on: true or on: false.',
  );
}

function isFixed(name: string, field: string): InputError {
  return new InputError(
    'robot-call-fixed',
    `The settings of this device fix the field ${field} of ${name}: the fleet can't set it.`,
    'Leave it out, or change ros.bridge.services of the device.',
  );
}

function notAllowed(name: string, allowed: readonly string[]): InputError {
  return new InputError(
    'robot-call-refused',
    `The settings of this device name no service "${name.slice(0, 64)}" that the fleet may call.`,
    allowed.length === 0 ? 'Name it in ros.bridge.services.' : `They name ${allowed.join(', ')}.`,
  );
}

function tooOften(what: string): LimitError {
  return new LimitError('robot-call-busy', what, 'Ask again in a moment.');
}
