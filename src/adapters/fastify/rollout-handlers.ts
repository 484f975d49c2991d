import { type approvalRoutes, type labelRoutes, mainSlot, type rolloutRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** How versions come onto the devices. */
export function rolloutHandlers({
  rollouts,
  experiments,
}: Pick<FleetController, 'rollouts' | 'experiments'>): Handlers<typeof rolloutRoutes> {
  return {
    'GET /rollouts': ({ query, view }) => rollouts.list(query, view),
    'POST /rollouts': ({ body, caller, view }) => rollouts.create(caller, body, view),
    'POST /rollouts/preview': ({ body }) => rollouts.preview(body),
    'PUT /rollouts/freeze': ({ body, caller }) => rollouts.freeze(caller, body.reason),
    'DELETE /rollouts/freeze': ({ caller }) => rollouts.unfreeze(caller),
    'GET /rollouts/:rollout': ({ params, view }) => rollouts.detail(params.rollout, view),
    'GET /rollouts/:rollout/experiment': ({ params, view }) => experiments.report(params.rollout, view),
    'POST /rollouts/:rollout/actions': ({ params, body, caller, view }) =>
      rollouts.act(caller, params.rollout, body, view),
  };
}

/** What needs a second person. */
export function approvalHandlers({
  approvals,
}: Pick<FleetController, 'approvals'>): Handlers<typeof approvalRoutes> {
  return {
    'GET /approval-rules': () => approvals.rules,
    'PUT /approval-rules': ({ body, caller }) => approvals.setRules(caller, body),
    'GET /approvals': () => approvals.list(),
    'POST /approvals/:approval/approve': ({ params, caller }) => approvals.approve(caller, params.approval),
    'POST /approvals/:approval/refuse': ({ params, caller }) => approvals.refuse(caller, params.approval),
    'POST /approvals/:approval/break-glass': ({ params, body, caller }) =>
      approvals.breakGlass(caller, params.approval, body.reason),
  };
}

/** What the fleet says of its devices. */
export function labelHandlers({
  labels,
  slots,
}: Pick<FleetController, 'labels' | 'slots'>): Handlers<typeof labelRoutes> {
  return {
    'GET /labels': ({ view }) => labels.list(view),
    'PUT /devices/:id/labels': ({ params, body, caller }) => labels.setLabels(caller, params.id, body),
    'PUT /devices/:id/hold': ({ params, body, caller }) => labels.hold(caller, params.id, body.reason),
    'DELETE /devices/:id/hold': ({ params, caller }) => labels.release(caller, params.id),
    'POST /devices/:id/override-safety': async ({ params, body, caller }) => {
      await slots.overrideSafety(caller, params.id, body.slot ?? mainSlot, body.reason);
    },
  };
}
