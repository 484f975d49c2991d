import { describeError, InputError, MissingError } from '../../base/index.ts';
import {
  type KnownServiceEnd,
  type RosNode,
  type ServiceShape,
  serviceByTexts,
  shippedService,
} from '../../ros2/index.ts';
import { typeHashOf } from './type-finder.ts';

export interface ServiceFinderOptions {
  readonly node: Pick<RosNode, 'servers'>;
  /** The text of a .srv or .msg file. */
  readonly textOf: (type: string) => string | undefined;
}

/**
 * Finds what the messages of a service look like: by the .srv file of a folder, or by our own definition, whichever has the
 * hashes of request and response that its server announces. A server that announces none, as those of Humble, is called by
 * the folder. A node can't be asked: rcl of Jazzy finds a service by the hash of the whole, and nobody announces that.
 */
export class ServiceFinder {
  readonly #options: ServiceFinderOptions;
  /** What was found last of each type. */
  readonly #found = new Map<string, ServiceShape>();

  constructor(options: ServiceFinderOptions) {
    this.#options = options;
  }

  /** Throws a MissingError or an InputError with the reason where it can't be called as that type. */
  find(service: string, type: string): ServiceShape {
    const ends = this.#options.node.servers(service);
    const parts = [`${type}_Request`, `${type}_Response`];
    const other = ends.find((end) => !parts.includes(end.type));
    if (other !== undefined) throw otherType(service, type, other.type);
    if (!parts.every((part) => ends.some((end) => end.type === part))) throw notServed(service, type);
    const before = this.#found.get(type);
    // Its files need no second look where the server says by its hashes that they are right.
    if (
      before !== undefined &&
      ends.every(({ typeHash }) => typeHash !== undefined) &&
      isServedAs(ends, before)
    )
      return before;
    const problems: string[] = [];
    const known = [this.#inFolder(type, problems), shippedService(type, typeHashOf)];
    const fitting = known.find((each) => each !== undefined && isServedAs(ends, each));
    if (fitting !== undefined) {
      this.#found.set(type, fitting);
      return fitting;
    }
    if (known.some((each) => each !== undefined)) throw otherVersion(service, type);
    throw unknownType(type, problems[0]);
  }

  /** A folder that lacks a file does not hide our own definition. */
  #inFolder(type: string, problems: string[]): ServiceShape | undefined {
    try {
      return serviceByTexts(type, this.#options.textOf, typeHashOf);
    } catch (error) {
      problems.push(describeError(error));
      return undefined;
    }
  }
}

function isServedAs(
  ends: readonly KnownServiceEnd[],
  { name, request, response }: Pick<ServiceShape, 'name' | 'request' | 'response'>,
): boolean {
  return ends.every(({ type, typeHash }) => {
    const { hash } = type === `${name}_Request` ? request : response;
    return typeHash === undefined || typeHash === hash;
  });
}

const remedy =
  'Name a folder with the .srv file of its package, as the robot has it, in ros.bridge.messages, e.g. /opt/ros/jazzy/share.';

function otherType(service: string, type: string, part: string): InputError {
  return new InputError(
    'ros-service-type',
    `The service ${service} is of the type ${part.replace(/_(Request|Response)$/, '').slice(0, 100)}, where ros.bridge names ${type}.`,
    'Name the type that ros2 service type prints.',
  );
}

function notServed(service: string, type: string): MissingError {
  return new MissingError(
    'ros-service-missing',
    `No known node serves ${service} (${type}) now.`,
    'Check with ros2 service list -t that it exists; a node that has just started is found a moment later.',
  );
}

function otherVersion(service: string, type: string): InputError {
  return new InputError(
    'ros-service-version',
    `The node that serves ${service} uses another version of ${type} than Goshawk.`,
    remedy,
  );
}

function unknownType(type: string, problem = 'no folder has its .srv file'): MissingError {
  return new MissingError(
    'ros-service-unknown',
    `The definition of ${type} is unknown: ${problem.slice(0, 300)}`,
    remedy,
  );
}
