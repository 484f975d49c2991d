import type { enrolmentRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Claims, devices that wait to be let in, and their certificates. */
export function enrolmentHandlers({
  enrolment,
}: Pick<FleetController, 'enrolment'>): Handlers<typeof enrolmentRoutes> {
  const { claims, revocations } = enrolment;
  return {
    'GET /claims': () => claims.list(),
    'POST /claims': ({ body, caller }) => claims.create(caller, body),
    'DELETE /claims/:id': ({ params, caller }) => claims.withdraw(caller, params.id),
    'GET /enrolments': () => (enrolment.isOpen ? enrolment.enrolments.list() : { enrolments: [] }),
    'POST /enrolments/:id/approve': ({ params, caller }) => enrolment.enrolments.approve(caller, params.id),
    'POST /enrolments/:id/reject': ({ params, caller }) => enrolment.enrolments.reject(caller, params.id),
    'GET /certificates': ({ query, view }) => revocations.list(query, view),
    'POST /devices/:id/revoke': ({ params, body, caller }) => revocations.revoke(caller, params.id, body),
  };
}
