import { describe, expect, it } from 'vitest';
import {
  graphType,
  graphTypeHash,
  type MessageType,
  type ServiceType,
  serviceTypeHashes,
  typeHashes,
} from '../../../../src/ros2/index.ts';
import { definitions, describeType, hashOf } from '../messages/definitions.ts';

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

  it('are of types whose every part is known: a word that is none would be hashed as a message', () => {
    const unknown = Object.keys(definitions).flatMap((type) =>
      describeType(type)
        .fields.map(({ type: { nested_type_name: nested } }) => nested)
        .filter((nested) => nested !== '' && definitions[nested] === undefined),
    );
    expect(unknown).toEqual([]);
  });
});
