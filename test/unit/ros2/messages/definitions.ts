import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export { typeDefinitions as definitions } from '../../../../src/ros2/messages/type-definitions.ts';
export {
  describeType,
  primitiveTypes as primitives,
  referred,
} from '../../../../src/ros2/messages/type-description.ts';

/*
 * The messages that are shipped; definitions of all that we speak are in the room itself. Two tests stand on them: type hashes
 * (types.test.ts) and the comparison with another library (oracle.test.ts).
 */
const shipped = path.join(import.meta.dirname, '../../../../deploy/ros2/goshawk_msgs/msg');

/** The messages of the package that is shipped, as their files are: name -> text. */
export const shippedMessages = new Map(
  readdirSync(shipped)
    .filter((file) => file.endsWith('.msg'))
    .map((file) => [file.replace('.msg', ''), readFileSync(path.join(shipped, file), 'utf8')]),
);

/** Such a file as a definition. */
export const ownDefinition = (name: string) =>
  (shippedMessages.get(name) ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.replace('std_msgs/Header', 'std_msgs/msg/Header').replace(/\s+/, ' '))
    .join(', ');
