import { createHash } from 'node:crypto';
import { describeError, type GoshawkError, InputError, MissingError } from '../../base/index.ts';
import {
  type ForeignType,
  hashedText,
  type KnownPublisher,
  type MessageShape,
  type RosNode,
  shapeByTexts,
  shapeOf,
  type TypeDescription,
} from '../../ros2/index.ts';

/** A type whose definition is not ours, and what its messages look like. */
export interface FoundType extends ForeignType {
  readonly shape: MessageShape;
}

export interface TypeFinderOptions {
  readonly node: RosNode;
  /** The text of a .msg file. */
  readonly textOf: (type: string) => string | undefined;
}

const answerWithinMs = 10_000;
/** A publisher is often seen before its node is. */
const looksForNode = 5;

/**
 * Finds what messages of a foreign type look like: by the .msg files of a folder where they have the hash that the
 * publisher announces, else by what the publisher's node says of it (`~/get_type_description`), which must have that hash. Of
 * a publisher that announces none, as those of Humble, the folder alone.
 */
export class TypeFinder {
  readonly #options: TypeFinderOptions;
  readonly #nodeless = new Map<string, number>();

  constructor(options: TypeFinderOptions) {
    this.#options = options;
  }

  /** Undefined while it has no publishers, or for a while whose node is not seen yet. Rejects with the reason where the type stays unknown. */
  async find(topic: string, type: string): Promise<FoundType | undefined> {
    const publishers = this.#options.node.publishers(topic);
    if (publishers.length === 0) return undefined;
    const ofType = publishers.filter((each) => each.type === type);
    if (ofType.length === 0) throw otherType(topic, type, publishers);
    const hashes = new Set(ofType.flatMap(({ typeHash }) => typeHash ?? []));
    if (hashes.size > 1) throw twoDefinitions(topic, type);
    const [hash] = hashes;
    const problems: string[] = [];
    let folder: FoundType | undefined;
    try {
      folder = this.#inFolder(type);
    } catch (error) {
      // A folder that lacks the file of an inner type, as a workspace by itself does: who announces a hash can be asked.
      if (hash === undefined) throw error;
      problems.push(describeError(error));
    }
    if (hash === undefined) {
      if (folder === undefined)
        throw unknownType(topic, type, 'its publisher does not say what it is made of');
      return folder;
    }
    if (folder?.hash === hash) return folder;
    const nodes = new Set(ofType.flatMap((each) => each.node ?? []));
    if (nodes.size === 0 && this.#mayCome(topic)) return undefined;
    this.#nodeless.delete(topic);
    if (folder !== undefined) problems.push('the .msg file of the folder is another version');
    for (const node of nodes) {
      try {
        return await this.#ask(node, type, hash);
      } catch (error) {
        problems.push(describeError(error));
      }
    }
    throw unknownType(topic, type, problems.join('; ') || 'the node of its publisher is not known');
  }

  /** Whether somebody publishes this type in another version than the one that was found. */
  hasChanged(topic: string, { name, hash }: FoundType): boolean {
    return this.#options.node
      .publishers(topic)
      .some(({ type, typeHash }) => type === name && typeHash !== undefined && typeHash !== hash);
  }

  #mayCome(topic: string): boolean {
    const looks = (this.#nodeless.get(topic) ?? 0) + 1;
    this.#nodeless.set(topic, looks);
    return looks < looksForNode;
  }

  #inFolder(name: string): FoundType | undefined {
    const found = shapeByTexts(name, this.#options.textOf);
    return found === undefined
      ? undefined
      : { name, hash: typeHashOf(found.description), shape: found.shape };
  }

  async #ask(node: string, name: string, hash: string): Promise<FoundType> {
    const { successful, reason, description } = await this.#options.node.call(
      `${node}/get_type_description`,
      'type_description_interfaces/srv/GetTypeDescription',
      { typeName: name, typeHash: hash },
      answerWithinMs,
    );
    if (!successful || description === undefined)
      throw new MissingError(
        'ros-type-description-refused',
        `${node} does not describe ${name}: ${reason.slice(0, 200)}`,
        'Name a folder with the .msg files of its package in ros.bridge.messages.',
      );
    const shape = shapeOf(name, description);
    if (typeHashOf(description) !== hash)
      throw new InputError(
        'ros-type-hash',
        `The definition of ${name} from ${node} does not match its publisher: the hashes differ.`,
        'Name a folder with the .msg files of its package in ros.bridge.messages.',
      );
    return { name, hash, shape };
  }
}

/** RIHS01 (REP-2016). */
export function typeHashOf(description: TypeDescription): string {
  return `RIHS01_${createHash('sha256').update(hashedText(description)).digest('hex')}`;
}

function otherType(topic: string, type: string, publishers: readonly KnownPublisher[]): GoshawkError {
  const carried = [...new Set(publishers.map((each) => each.type.slice(0, 100)))].join(', ');
  return new InputError(
    'ros-bridge-type',
    `The topic ${topic} carries ${carried}, where ros.bridge names ${type}.`,
    'Name the type that ros2 topic info prints.',
  );
}

function twoDefinitions(topic: string, type: string): GoshawkError {
  return new InputError(
    'ros-type-versions',
    `The publishers of ${topic} use two versions of ${type}.`,
    'Build them with the same version of its package.',
  );
}

function unknownType(topic: string, type: string, why: string): GoshawkError {
  return new MissingError(
    'ros-type-unknown',
    `The messages of ${topic} can't be read: the definition of ${type} is unknown, because ${why}.`,
    'Name a folder with the .msg files of its package in ros.bridge.messages, e.g. /opt/ros/jazzy/share.',
  );
}
