import { type Static, Type } from '@sinclair/typebox';

export const Role = Type.Union(
  [Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('admin'), Type.Literal('device')],
  {
    description:
      'viewer reads; operator also sets models and settings; admin also removes, and manages tokens; device fetches artifacts alone',
  },
);
export type Role = Static<typeof Role>;

export const roles = Role.anyOf.map((one) => one.const);
