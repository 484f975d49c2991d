import { Type } from '@sinclair/typebox';
import {
  Alert,
  AlertList,
  AlertQuery,
  AlertRuleDraft,
  AlertRuleList,
  type FleetController,
  SavedAlertRule,
  WebhookTest,
} from '../../controller/index.ts';
import { type Route, route } from './route.ts';

const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Alerts and the rules that make them. */
export function alertRoutes(controller: FleetController): Route[] {
  const { alerts } = controller;
  return [
    route(
      'GET',
      '/alerts',
      {
        role: 'viewer',
        tag: 'alerts',
        summary: 'Alerts, those that fire and those that are over, newest first',
        query: AlertQuery,
        reply: AlertList,
      },
      async ({ query }) => {
        const page = await controller.store.alerts(query);
        return { ...page, alerts: [...page.alerts] };
      },
    ),
    route(
      'POST',
      '/alerts/:id/acknowledge',
      {
        role: 'operator',
        tag: 'alerts',
        summary: 'Say that somebody looks after it: it fires on, and nobody is told again',
        params: IdParams,
        reply: Alert,
      },
      ({ params, caller }) => alerts.acknowledge(caller, params.id),
    ),
    route(
      'GET',
      '/alert-rules',
      {
        role: 'viewer',
        tag: 'alerts',
        summary: 'All alert rules; the whole address of a webhook is for admins',
        reply: AlertRuleList,
      },
      ({ caller }) => ({ rules: alerts.rules(caller.role) }),
    ),
    route(
      'POST',
      '/alert-rules',
      {
        role: 'admin',
        tag: 'alerts',
        summary: 'Make a rule; a key that the controller made for its webhook is shown this once',
        body: AlertRuleDraft,
        reply: SavedAlertRule,
        status: 201,
      },
      ({ body, caller }) => alerts.createRule(caller, body),
    ),
    route(
      'PUT',
      '/alert-rules/:id',
      {
        role: 'admin',
        tag: 'alerts',
        summary: 'Replace a rule; alerts of what it no longer asks for are resolved',
        params: IdParams,
        body: AlertRuleDraft,
        reply: SavedAlertRule,
      },
      ({ params, body, caller }) => alerts.replaceRule(caller, params.id, body),
    ),
    route(
      'DELETE',
      '/alert-rules/:id',
      { role: 'admin', tag: 'alerts', summary: 'Delete a rule; its alerts are resolved', params: IdParams },
      ({ params, caller }) => alerts.deleteRule(caller, params.id),
    ),
    route(
      'POST',
      '/alert-rules/:id/test',
      {
        role: 'admin',
        tag: 'alerts',
        summary: 'Send one message to the webhook now and say what came back',
        params: IdParams,
        reply: WebhookTest,
      },
      ({ params, caller }) => alerts.testRule(caller, params.id),
    ),
  ];
}
