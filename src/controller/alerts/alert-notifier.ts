import type { Alert, AlertDelivery, DriftIncident, WebhookTest } from '../../api/index.ts';
import { type Clock, defined, type Log } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { AlertTransition } from './alert-registry.ts';
import { isMailAddress } from './mail-address.ts';
import { chatBody, eventNames, mailText, messageBody } from './message.ts';
import {
  type WebhookCounts,
  WebhookDispatcher,
  type WebhookMessage,
  type Webhooks,
} from './webhook-dispatcher.ts';

export interface AlertNotifierPorts {
  readonly webhooks: Webhooks;
  readonly clock: Clock;
  readonly log: Log;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly publicUrl: string | undefined;
  readonly openIncidents: () => readonly DriftIncident[];
  /** What became of the message about an alert that fires. */
  readonly onDelivery: (alert: string, delivery: AlertDelivery) => void;
  /** The same of an alert that is resolved, whole: nobody else has it any more. */
  readonly onResolvedDelivery: (alert: Alert) => void;
}

/** Sends the transitions of alerts to the webhooks of their rules, and follows what became of each message. */
export class AlertNotifier {
  readonly #ports: AlertNotifierPorts;
  readonly #dispatcher: WebhookDispatcher;
  /** Resolved alerts whose last message is still under way. */
  readonly #resolved = new Map<string, Alert>();

  constructor(ports: AlertNotifierPorts) {
    this.#ports = ports;
    this.#dispatcher = new WebhookDispatcher(ports.webhooks, ports.clock, ports.log, ports.random);
  }

  /** Messages that wait or are under way. */
  get waiting(): number {
    return this.#dispatcher.waiting;
  }

  get counts(): Readonly<WebhookCounts> {
    return this.#dispatcher.counts;
  }

  close(): void {
    this.#dispatcher.close();
  }

  notify(transition: AlertTransition, alert: Alert, rule: AlertRuleRow): void {
    const { webhook } = rule;
    if (webhook === undefined) return;
    if (transition === 'resolved') this.#resolved.set(alert.id, alert);
    const { openIncidents } = this.#ports;
    const id = `${alert.id}-${transition === 'resolved' ? 'end' : alert.notified}`;
    const event = eventNames[transition];
    const incident = openIncidents().find((one) => one.id === alert.incident);
    const message = this.#message(webhook.url, id, event, alert, incident, rule);
    this.#dispatcher.send(message, (delivery) => this.#delivered(alert.id, delivery));
  }

  /** One message now, to see whether it arrives. */
  async sendTest(url: string, alert: Alert, rule: AlertRuleRow): Promise<WebhookTest> {
    try {
      const message = this.#message(url, alert.id, 'test', alert, undefined, rule);
      const { status } = await this.#dispatcher.sendOnce(message);
      return { delivered: status >= 200 && status < 300, status };
    } catch (error) {
      const { message, remedy } = error as { message: string; remedy?: string };
      return { delivered: false, error: message, ...defined({ remedy }) };
    }
  }

  #message(
    url: string,
    id: string,
    event: string,
    alert: Alert,
    incident: DriftIncident | undefined,
    { webhook, webhookSecret: secret }: AlertRuleRow,
  ): WebhookMessage {
    const { clock, publicUrl } = this.#ports;
    const about = { url, secret, id, event };
    if (isMailAddress(url)) return { ...about, ...mailText(event, alert, clock.wallMs(), publicUrl) };
    if (webhook?.format === 'slack') return { ...about, body: chatBody(event, alert, publicUrl) };
    return { ...about, body: messageBody(id, event, alert, incident, clock.wallMs(), publicUrl) };
  }

  #delivered(id: string, delivery: AlertDelivery): void {
    const resolved = this.#resolved.get(id);
    if (resolved === undefined) {
      this.#ports.onDelivery(id, delivery);
      return;
    }
    const alert = { ...resolved, delivery };
    if (delivery.state === 'waiting') this.#resolved.set(id, alert);
    else this.#resolved.delete(id);
    this.#ports.onResolvedDelivery(alert);
  }
}
