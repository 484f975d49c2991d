import { type Static, Type } from '@sinclair/typebox';
import { Labels } from './labels.ts';
import { closed, described, name } from './scalars.ts';

export const deviceList = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    maxItems: 10_000,
    uniqueItems: true,
    description,
  });

const groups = { maxItems: 100, description: 'Members of any of these' };
const choice = {
  devices: Type.Optional(deviceList('By id')),
  groups: Type.Optional(Type.Array(name(), groups)),
  boards: Type.Optional(
    Type.Array(name(), { maxItems: 100, description: 'Names of boards, such as `NVIDIA Jetson AGX Orin`' }),
  ),
  labels: Type.Optional(described(Labels, 'All of these')),
};

/** A part of the fleet: what a token or a person may see and change. A choice of a selector, by what admins decide. */
export const AccessScope = Type.Object(
  {
    groups: Type.Optional(Type.Array(name(), { ...groups, minItems: 1, uniqueItems: true })),
    labels: Type.Optional({ ...Labels, minProperties: 1, description: 'All of these' }),
  },
  { ...closed, minProperties: 1, description: 'Devices that match all of these conditions, and no others' },
);
export type AccessScope = Static<typeof AccessScope>;

export const Selector = Type.Object(
  {
    ...choice,
    all: Type.Optional(Type.Literal(true, { description: 'Every device; must be said' })),
    except: Type.Optional(Type.Object(choice, { ...closed, description: 'Any of these is left out' })),
    within: Type.Optional(
      described(AccessScope, 'Only of this part; the controller sets it to the scope of the token'),
    ),
  },
  { ...closed, description: 'Devices that match all of these conditions' },
);
export type Selector = Static<typeof Selector>;
