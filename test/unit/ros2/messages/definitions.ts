import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { typeDefinitions as definitions } from '../../../../src/ros2/messages/type-definitions.ts';
import {
  describeType,
  hashedText,
  primitiveTypes as primitives,
  referred,
  typeDescription,
} from '../../../../src/ros2/messages/type-description.ts';

export { definitions, describeType, primitives, referred };

/*
 * The messages that are shipped; definitions of all that we speak are in the room itself. Two tests stand on them: type hashes
 * (types.test.ts) and the comparison with another library (oracle.test.ts).
 */
const package_ = path.join(import.meta.dirname, '../../../../deploy/ros2/goshawk_msgs');
const shipped = path.join(package_, 'msg');

/** The messages of the package that is shipped, as their files are: name -> text. */
export const shippedMessages = new Map(
  readdirSync(shipped)
    .filter((file) => file.endsWith('.msg'))
    .map((file) => [file.replace('.msg', ''), readFileSync(path.join(shipped, file), 'utf8')]),
);

const definitionOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.replace(/^(std|sensor|vision)_msgs\//, '$1_msgs/msg/').replace(/\s+/, ' '))
    .join(', ');

/** Such a file as a definition. */
export const ownDefinition = (name: string) => definitionOf(shippedMessages.get(name) ?? '');

const partsOf = (folder: 'srv' | 'action', parts: readonly string[]) =>
  readdirSync(path.join(package_, folder)).map((file) => {
    const name = file.replace(`.${folder}`, '');
    const texts = readFileSync(path.join(package_, folder, file), 'utf8').split('---\n');
    const types = parts.map((part, at) => [
      `goshawk_msgs/${folder}/${name}_${part}`,
      definitionOf(texts[at] ?? ''),
    ]);
    return { name, parts: Object.fromEntries(types) as Record<string, string> };
  });

/** Services and actions that are shipped, and the definitions of what they are made of. */
export const shippedParts = [
  ...partsOf('srv', ['Request', 'Response']),
  ...partsOf('action', ['Goal', 'Result', 'Feedback']),
];

/** A definition as bags carry it: the message's text, then those of the types that it refers to. */
export function textOf(type: string): string {
  // A .msg file names a type std_msgs/Header; std_msgs/msg/Header is its full name.
  const short = (text: string) => text.replaceAll(/\/(msg|action)\//g, '/');
  const text = (each: string) => short((definitions[each] ?? '').replaceAll(', ', '\n'));
  // The shipped file itself where there is one, comments and all.
  const root = shippedMessages.get(type.replace('goshawk_msgs/msg/', '')) ?? text(type);
  const others = [...referred(type)].map((each) => `${'='.repeat(80)}\nMSG: ${short(each)}\n${text(each)}`);
  return [root, ...others].join('\n');
}

/** RIHS01 (REP-2016) from the definition, with the types that it refers to in the order of their names. */
export function hashOf(type: string): string {
  return `RIHS01_${createHash('sha256')
    .update(hashedText(typeDescription(type)))
    .digest('hex')}`;
}
