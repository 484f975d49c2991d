import { describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import type { Birth } from '../../../../src/protocol/index.ts';

describe('The list of groups', () => {
  it('has the groups that devices say they are in, beside those of the database', () => {
    const registry = new DeviceRegistry(
      ...([{}, {}] as unknown as ConstructorParameters<typeof DeviceRegistry>),
    );
    registry.ensure('b').birth = { groups: ['demo', 'yard'] } as unknown as Birth;
    registry.ensure('a').birth = { groups: ['demo', 'demo'] } as unknown as Birth;
    registry.setGroup({ name: 'yard', members: ['c'], settings: {} });
    expect(registry.groupsWithDeclared()).toEqual([
      { name: 'demo', members: [], settings: {}, declaredBy: ['a', 'b'] },
      { name: 'yard', members: ['c'], settings: {}, declaredBy: ['b'] },
    ]);
  });
});
