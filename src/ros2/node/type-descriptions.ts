import { typeDescription } from '../messages/type-description.ts';
import type { RosEndpoint, RosNode } from './node-port.ts';
import { type MessageType, typeHashes } from './types.ts';

/** `~/get_type_description`: what recorders and bridges that have no such package ask for, by name and hash. */
export function serveTypeDescriptions(node: RosNode): RosEndpoint {
  return node.serve(
    '~/get_type_description',
    'type_description_interfaces/srv/GetTypeDescription',
    ({ typeName, typeHash }) => {
      const name = typeName.slice(0, 255);
      if (!isKnown(typeName)) return { successful: false, reason: `The type ${name} is not used here.` };
      const hash = typeHashes[typeName];
      if (typeHash !== hash) {
        return { successful: false, reason: `The hash of ${name} is ${hash} here, not the one asked for.` };
      }
      return { successful: true, reason: '', description: typeDescription(typeName) };
    },
  );
}

function isKnown(type: string): type is MessageType {
  return Object.hasOwn(typeHashes, type);
}
