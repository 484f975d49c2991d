import type { accessRoutes } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { type FleetController, unknownSession } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Tokens and the audit log. */
export function accessHandlers({
  access,
  audit,
  people,
}: Pick<FleetController, 'access' | 'audit' | 'people'>): Handlers<typeof accessRoutes> {
  return {
    'GET /me': ({ caller }) => {
      const { tokenId, name, role, scope } = caller;
      return { tokenId, name, role, ...defined({ scope }) };
    },
    'GET /tokens': () => access.listTokens(),
    'POST /tokens': ({ body, caller }) => access.createToken(caller, body),
    'DELETE /tokens/:id': ({ params, caller }) => access.deleteToken(caller, params.id),
    'GET /sessions': () => people?.list() ?? { sessions: [] },
    'DELETE /sessions/:id': async ({ params, caller }) => {
      if (people === undefined) throw unknownSession(params.id);
      await people.endSession(caller, params.id);
    },
    'GET /audit': ({ query }) => audit.list(query),
    'GET /audit/check': () => audit.check(),
  };
}
