import { type Static, Type } from '@sinclair/typebox';
import { AccessScope } from '../../api/index.ts';

const groups = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { default: [], maxItems: 256, description });

/** People who sign in at a provider of OpenID Connect, beside tokens; docs/people.md. */
export const PeopleSettings = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https://|^http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/]|$)',
      description:
        'Address of the provider, e.g. https://login.example/realms/site; http only on this machine',
    }),
    name: Type.String({
      minLength: 1,
      maxLength: 64,
      default: 'single sign-on',
      description: 'On the button of the dashboard: "Sign in with <name>"',
    }),
    clientId: Type.String({ minLength: 1, description: 'Id of this controller at the provider' }),
    clientSecretFile: Type.Optional(
      Type.String({
        description: 'File with its secret, on one line; absent: a public client with PKCE',
      }),
    ),
    scopes: Type.Array(Type.String({ pattern: '^[!#-\\[\\]-~]+$' }), {
      default: ['profile', 'email'],
      maxItems: 16,
      description: 'Asked for beside `openid`; many providers need one more for groups',
    }),
    groupsClaim: Type.String({
      minLength: 1,
      maxLength: 256,
      default: 'groups',
      description: 'Claim that lists the groups of a person',
    }),
    roles: Type.Object(
      {
        viewer: groups('Groups whose members read; `*`: each person that the provider signs in'),
        operator: groups('Groups whose members also set models and settings'),
        admin: groups('Groups whose members also remove, and manage tokens'),
      },
      {
        additionalProperties: false,
        default: {},
        description: 'A person in no group of any role is refused',
      },
    ),
    scopedRoles: Type.Array(
      Type.Object(
        {
          role: Type.Union([Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('admin')]),
          members: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
            minItems: 1,
            maxItems: 256,
            description: 'Groups at the provider, as in `roles`',
          }),
          scope: AccessScope,
        },
        { additionalProperties: false },
      ),
      {
        default: [],
        maxItems: 256,
        description:
          'Roles for a part of the fleet. The strongest role counts; for the same role, `roles` goes first, then the first of this list',
      },
    ),
    sessionHours: Type.Number({
      minimum: 0.01,
      maximum: 720,
      default: 8,
      description: 'Then the provider is asked again, for groups too',
    }),
  },
  {
    additionalProperties: false,
    description:
      'People sign in at a provider of OpenID Connect; needs `http.publicUrl`, to which the provider sends them back at /auth/callback',
  },
);
export type PeopleSettings = Static<typeof PeopleSettings>;
