import type { alertRoutes, alertRuleRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Alerts and the rules that make them. */
export function alertHandlers({
  alerts,
}: Pick<FleetController, 'alerts'>): Handlers<typeof alertRoutes & typeof alertRuleRoutes> {
  return {
    'GET /alerts': ({ query }) => alerts.list(query),
    'POST /alerts/:id/acknowledge': ({ params, caller }) => alerts.acknowledge(caller, params.id),
    'POST /alerts/:id/silence': ({ params, body, caller }) => alerts.silence(caller, params.id, body),
    'POST /alerts/:id/assign': ({ params, body, caller }) => alerts.assign(caller, params.id, body),
    'GET /alert-rules': ({ caller }) => alerts.listRules(caller.role),
    'POST /alert-rules': ({ body, caller }) => alerts.createRule(caller, body),
    'PUT /alert-rules/:id': ({ params, body, caller }) => alerts.replaceRule(caller, params.id, body),
    'DELETE /alert-rules/:id': ({ params, caller }) => alerts.deleteRule(caller, params.id),
    'POST /alert-rules/:id/test': ({ params, caller }) => alerts.testRule(caller, params.id),
  };
}
