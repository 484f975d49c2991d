import { type Static, Type } from '@sinclair/typebox';
import { Role } from './role.ts';
import type { RouteTable } from './route.ts';
import { closed, count, described, limit, name, timeMs } from './scalars.ts';
import { AccessScope } from './selector.ts';

const scope = Type.Optional(
  described(AccessScope, 'Part of the fleet that it is limited to; absent: the whole fleet'),
);

export const TokenInfo = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'Person or program that uses the token' }),
    role: Role,
    scope,
    createdMs: timeMs(),
    createdBy: Type.String({ description: 'Name and id of the token that made it' }),
    lastUsedMs: Type.Optional(timeMs('Time of the last use, to the minute')),
  },
  { description: 'A token without its secret' },
);
export type TokenInfo = Static<typeof TokenInfo>;

export const TokenList = Type.Object({ tokens: Type.Array(TokenInfo) }, { description: 'Oldest first' });
export type TokenList = Static<typeof TokenList>;

export const NewToken = Type.Object(
  { name: name('Person or program that uses the token'), role: Role, scope },
  closed,
);
export type NewToken = Static<typeof NewToken>;

export const CreatedToken = Type.Composite(
  [
    TokenInfo,
    Type.Object({ token: Type.String({ description: 'The token, for the Authorization header' }) }),
  ],
  { description: 'The only time that the token itself is shown' },
);
export type CreatedToken = Static<typeof CreatedToken>;

export const Me = Type.Object(
  { tokenId: Type.String(), name: Type.String(), role: Role, scope },
  { description: 'Owner of the token of this request' },
);
export type Me = Static<typeof Me>;

export const AuditEntry = Type.Object({
  seq: count('1, 2, 3 ... without gaps'),
  timeMs: timeMs(),
  actor: Type.String({ description: 'Name and id of the token, or `system`' }),
  action: Type.String({ description: 'Dotted verb: `device.desired`, `token.created`' }),
  target: Type.String(),
  result: Type.String({ description: '`ok` or the code of the error' }),
  detail: Type.String({ description: 'The request, as JSON without secrets' }),
  hash: Type.String({ description: 'sha256 over this entry and the hash before it, hex' }),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditQuery = Type.Object({
  action: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'An action or its beginning: `device` finds `device.desired`',
    }),
  ),
  actor: Type.Optional(Type.String({ maxLength: 128, description: 'Beginning of the name of the actor' })),
  target: Type.Optional(Type.String({ maxLength: 256, description: 'Only entries about this target' })),
  from: Type.Optional(timeMs('Only entries at or after this time')),
  to: Type.Optional(timeMs('Only entries before this time')),
  before: Type.Optional(count('Only entries before this `seq`: `next` of the page before')),
  limit: Type.Optional(limit()),
});
export type AuditQuery = Static<typeof AuditQuery>;

export const AuditList = Type.Object(
  {
    entries: Type.Array(AuditEntry),
    next: Type.Optional(count('Start of the next page; absent on the last')),
  },
  { description: 'Newest first' },
);
export type AuditList = Static<typeof AuditList>;

export const AuditCheck = Type.Object(
  {
    intact: Type.Boolean(),
    entries: count(),
    brokenAt: Type.Optional(count('First entry whose hash does not fit')),
  },
  { description: 'Whether every hash fits its entry and the previous hash' },
);
export type AuditCheck = Static<typeof AuditCheck>;

export const SessionInfo = Type.Object(
  {
    id: Type.String({ description: 'Names the session in this list; you cannot sign in with it' }),
    tokenId: Type.String({ description: 'The person, as in the audit log' }),
    name: Type.String(),
    role: Role,
    scope,
    sinceMs: timeMs('Time of the sign-in'),
    untilMs: timeMs('Time at which it ends automatically'),
  },
  { description: 'A person who signed in at the provider of OpenID Connect' },
);
export type SessionInfo = Static<typeof SessionInfo>;

export const SessionList = Type.Object(
  { sessions: Type.Array(SessionInfo) },
  { description: 'Newest first; empty where the controller has no provider' },
);
export type SessionList = Static<typeof SessionList>;

const SessionParams = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Id as in the list' }),
});

const TokenParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the token, not the token itself' }),
});

export const accessRoutes = {
  'GET /me': {
    role: 'device',
    reach: 'none',
    tag: 'access',
    summary: 'Show the owner of the token',
    reply: Me,
  },
  'GET /tokens': {
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'All tokens, without their secrets',
    reply: TokenList,
  },
  'POST /tokens': {
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'Make a token; it is shown this once',
    body: NewToken,
    reply: CreatedToken,
    status: 201,
  },
  'DELETE /tokens/:id': {
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'Take a token back, at once',
    params: TokenParams,
  },
  'GET /sessions': {
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'List people who are signed in at the provider, newest first',
    reply: SessionList,
  },
  'DELETE /sessions/:id': {
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'End a session at once; the person can sign in again',
    params: SessionParams,
  },
  'GET /audit': {
    load: 'heavy',
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'List the audit log, newest first',
    query: AuditQuery,
    reply: AuditList,
  },
  'GET /audit/check': {
    load: 'heavy',
    role: 'admin',
    reach: 'fleet',
    tag: 'access',
    summary: 'Recompute the chain of the audit',
    reply: AuditCheck,
  },
} as const satisfies RouteTable;
