import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';

export const SignInWays = Type.Object(
  {
    provider: Type.Optional(
      Type.String({ description: 'Name of the provider of OpenID Connect; absent: tokens alone' }),
    ),
    signedIn: Type.Boolean({ description: 'This browser has a session' }),
  },
  { description: 'How people sign in' },
);
export type SignInWays = Static<typeof SignInWays>;

/** For browsers; below `/auth` and not below `apiPrefix`. */
export const signInRoutes = {
  'GET /auth/ways': { tag: 'access', summary: 'How people sign in', reply: SignInWays },
  'GET /auth/sign-in': {
    tag: 'access',
    summary: 'To the provider of OpenID Connect',
    raw: 'a redirection',
  },
  'GET /auth/callback': {
    tag: 'access',
    summary: 'The provider sends the browser to this address; it gets a session in a cookie',
    raw: 'a redirection',
  },
  'POST /auth/sign-out': { tag: 'access', summary: 'End the session of this browser' },
} as const satisfies RouteTable;
