import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  graphType,
  graphTypeHash,
  type MessageType,
  type ServiceType,
  serviceTypeHashes,
  typeHashes,
} from '../../../../src/ros2/index.ts';
import { describeType, referred } from '../messages/definitions.ts';

/*
 * RIHS01 (REP-2016) from the definitions: SHA-256 over the type description as JSON, with the types that it refers to in
 * the order of their names.
 */

/** As json.dumps of Python writes it: a space after each colon and comma; no text in here holds either. */
function hashOf(type: string): string {
  const description = {
    type_description: describeType(type),
    referenced_type_descriptions: [...referred(type)].sort().map(describeType),
  };
  const json = JSON.stringify(description).replaceAll(':', ': ').replaceAll(',', ', ');
  return `RIHS01_${createHash('sha256').update(json).digest('hex')}`;
}

describe('Type hashes', () => {
  it.each(Object.keys(typeHashes))('of %s follow from its definition', (type) => {
    expect(typeHashes[type as MessageType]).toBe(hashOf(type));
  });

  it.each(Object.keys(serviceTypeHashes))(
    'of the two messages of %s follow from their definitions',
    (type) => {
      const { request, response } = serviceTypeHashes[type as ServiceType];
      expect(request).toBe(hashOf(`${type}_Request`));
      expect(response).toBe(hashOf(`${type}_Response`));
    },
  );

  it('of the announcement of nodes follows from its definition', () => {
    expect(graphTypeHash).toBe(hashOf(graphType));
  });
});
