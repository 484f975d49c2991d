import { InputError } from '../../base/index.ts';
import { descriptionLimits, type MessageShape, shapeOf } from './message-shape.ts';
import { nothing } from './nothing.ts';
import { typeDefinitions } from './type-definitions.ts';
import {
  describeField,
  describeType,
  type IndividualTypeDescription,
  type TypeDescription,
} from './type-description.ts';

/*
 * Messages by the text of their .msg files, as far as the wire needs it: constants and comments are passed over.
 */

const constant = /^\S+\s+[A-Za-z]\w*\s*=/;
/** Types of ROS 1 that rosidl still takes. */
const older: Readonly<Record<string, string>> = {
  time: 'builtin_interfaces/msg/Time',
  duration: 'builtin_interfaces/msg/Duration',
};
const empty = `uint8 ${nothing}`;

/** The fields of a .msg file. `type` is its name, `pkg/msg/Name`. Throws for a line that is none of such a file. */
export function readMessageText(type: string, text: string): IndividualTypeDescription {
  const [ownPackage = ''] = type.split('/');
  const named = (base: string) => {
    const [folder, name, ...rest] = base.split('/');
    if (rest.length > 0) return base;
    return older[base] ?? (name === undefined ? `${ownPackage}/msg/${folder}` : `${folder}/msg/${name}`);
  };
  const lines = text
    .split('\n')
    // As rosidl: a comment begins at the first #, also inside of a text.
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '' && !constant.test(line));
  const fields = (lines.length === 0 ? [empty] : lines).map((line) => {
    const field = describeField(line, named);
    if (field !== undefined) return field;
    throw new InputError(
      'ros-message-text',
      `The definition of ${type} has a line that is not a field: ${line.slice(0, 100)}`,
      'Name a folder with the .msg files of ROS 2 packages, e.g. /opt/ros/jazzy/share.',
    );
  });
  return { type_name: type, fields };
}

/**
 * A message by the texts of the files that `textOf` has, and by our own definitions of what it has not. Undefined where there
 * is none of the message itself.
 */
export function shapeByTexts(
  name: string,
  textOf: (type: string) => string | undefined,
): { readonly shape: MessageShape; readonly description: TypeDescription } | undefined {
  const described = new Map<string, IndividualTypeDescription>();
  const missing: string[] = [];
  const waiting = [name];
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (described.has(type)) continue;
    const text = textOf(type);
    if (text === undefined && (type === name || typeDefinitions[type] === undefined)) missing.push(type);
    else described.set(type, text === undefined ? describeType(type) : readMessageText(type, text));
    // As many as may be: what lies behind them is refused anyway.
    if (described.size > descriptionLimits.types) break;
    for (const { type: field } of described.get(type)?.fields ?? [])
      if (field.nested_type_name !== '') waiting.push(field.nested_type_name);
  }
  const root = described.get(name);
  if (root === undefined) return undefined;
  if (missing[0] !== undefined)
    throw new InputError(
      'ros-message-missing',
      `The folders of ros.bridge.messages have no definition of ${missing[0].slice(0, 100)}, which ${name} is made of.`,
      'Name the folder that has it too, e.g. /opt/ros/jazzy/share.',
    );
  described.delete(name);
  const description: TypeDescription = {
    type_description: root,
    referenced_type_descriptions: [...described.keys()].sort().flatMap((type) => described.get(type) ?? []),
  };
  return { shape: shapeOf(name, description), description };
}
