import type { alertRoutes, alertRuleRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Alerts and the rules that make them. */
export function alertHandlers({
  alerts,
}: Pick<FleetController, 'alerts'>): Handlers<typeof alertRoutes & typeof alertRuleRoutes> {
  return {
    'GET /alerts': ({ query, view }) => alerts.list(query, view),
    'POST /alerts/:id/acknowledge': ({ params, caller, view }) => alerts.acknowledge(caller, params.id, view),
    'POST /alerts/:id/silence': ({ params, body, caller, view }) =>
      alerts.silence(caller, params.id, body, view),
    'POST /alerts/:id/assign': ({ params, body, caller, view }) =>
      alerts.assign(caller, params.id, body, view),
    'GET /alert-rules': ({ caller }) => alerts.listRules(caller.role),
    'POST /alert-rules': ({ body, caller }) => alerts.createRule(caller, body),
    'PUT /alert-rules/:id': ({ params, body, caller }) => alerts.replaceRule(caller, params.id, body),
    'DELETE /alert-rules/:id': ({ params, caller }) => alerts.deleteRule(caller, params.id),
    'POST /alert-rules/:id/test': ({ params, caller }) => alerts.testRule(caller, params.id),
  };
}
