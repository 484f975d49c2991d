import { Type } from '@sinclair/typebox';
import {
  AuditCheck,
  AuditList,
  AuditQuery,
  CreatedToken,
  type FleetController,
  Me,
  NewToken,
  TokenList,
} from '../../controller/index.ts';
import { type Route, route } from './route.ts';

const TokenParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Tokens and the audit. */
export function accessRoutes(controller: FleetController): Route[] {
  return [
    route(
      'GET',
      '/me',
      { role: 'device', tag: 'access', summary: 'Who the token belongs to', reply: Me },
      ({ caller }) => ({ tokenId: caller.tokenId, name: caller.name, role: caller.role }),
    ),
    route(
      'GET',
      '/tokens',
      { role: 'admin', tag: 'access', summary: 'All tokens, without their secrets', reply: TokenList },
      () => ({ tokens: controller.tokens.list() }),
    ),
    route(
      'POST',
      '/tokens',
      {
        role: 'admin',
        tag: 'access',
        summary: 'Make a token; it is shown this once',
        body: NewToken,
        reply: CreatedToken,
        status: 201,
      },
      ({ body, caller }) => controller.orders.createToken(caller, body),
    ),
    route(
      'DELETE',
      '/tokens/:id',
      { role: 'admin', tag: 'access', summary: 'Take a token back, at once', params: TokenParams },
      ({ params, caller }) => controller.orders.deleteToken(caller, params.id),
    ),
    route(
      'GET',
      '/audit',
      {
        role: 'admin',
        tag: 'access',
        summary: 'Who did what, newest first',
        query: AuditQuery,
        reply: AuditList,
      },
      async ({ query }) => {
        const limit = query.limit ?? 100;
        const entries = [...(await controller.store.audit(query.before, limit))];
        const last = entries.at(-1);
        return entries.length === limit && last !== undefined && last.seq > 1
          ? { entries, next: last.seq }
          : { entries };
      },
    ),
    route(
      'GET',
      '/audit/check',
      { role: 'admin', tag: 'access', summary: 'Recompute the chain of the audit', reply: AuditCheck },
      () => controller.store.checkAudit(),
    ),
  ];
}
