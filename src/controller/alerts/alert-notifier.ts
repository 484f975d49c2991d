import {
  type Alert,
  type AlertChannelRow,
  type AlertDelivery,
  type AlertTest,
  alertChannels,
  channelOf,
  type DriftIncident,
} from '../../api/index.ts';
import { type Clock, defined, type Log } from '../../base/index.ts';
import type { DriftService } from '../drift/drift-service.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { AlertChannels, AlertMessage } from './alert-channel.ts';
import { AlertDispatcher, type DeliveryCounts } from './alert-dispatcher.ts';
import type { AlertTransition } from './alert-registry.ts';
import { eventNames, subjectOf } from './message.ts';
import { bodyOf } from './message-forms.ts';

export interface AlertNotifierPorts {
  readonly channels: AlertChannels;
  readonly clock: Clock;
  readonly log: Log;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly publicUrl: string | undefined;
  readonly drift: Pick<DriftService, 'openIncidents'>;
  /** What became of the message about an alert that fires. */
  readonly onDelivery: (alert: string, delivery: AlertDelivery) => void;
  /** The same for a resolved alert, whole: no other place has it any more. */
  readonly onResolvedDelivery: (alert: Alert) => void;
}

/** Sends the transitions of alerts to whom their rules name, and follows what became of each message. */
export class AlertNotifier {
  readonly #ports: AlertNotifierPorts;
  readonly #dispatcher: AlertDispatcher;
  /** Resolved alerts whose last message is still under way. */
  readonly #resolved = new Map<string, Alert>();

  constructor(ports: AlertNotifierPorts) {
    this.#ports = ports;
    this.#dispatcher = new AlertDispatcher(ports.channels, ports.clock, ports.log, ports.random);
  }

  /** Messages that wait or are under way. */
  get waiting(): number {
    return this.#dispatcher.waiting;
  }

  get counts(): Readonly<DeliveryCounts> {
    return this.#dispatcher.counts;
  }

  close(): void {
    this.#dispatcher.close();
  }

  notify(transition: AlertTransition, alert: Alert, rule: AlertRuleRow): void {
    const { notify } = rule;
    if (notify === undefined) return;
    if (transition === 'resolved') this.#resolved.set(alert.id, alert);
    const id = `${alert.id}-${transition === 'resolved' ? 'end' : alert.notified}`;
    const event = eventNames[transition];
    const incident = this.#ports.drift.openIncidents.find((one) => one.id === alert.incident);
    const message = this.#message(notify.to, id, event, alert, incident, rule);
    this.#dispatcher.send(message, (delivery) => this.#delivered(alert.id, delivery));
  }

  /** One message now, to see whether it arrives. */
  async sendTest(to: string, alert: Alert, rule: AlertRuleRow): Promise<AlertTest> {
    try {
      const message = this.#message(to, alert.id, 'test', alert, undefined, rule);
      return { delivered: true, said: await this.#dispatcher.sendOnce(message) };
    } catch (error) {
      const { message, remedy } = error as { message: string; remedy?: string };
      return { delivered: false, error: message, ...defined({ remedy }) };
    }
  }

  #message(
    to: string,
    id: string,
    event: string,
    alert: Alert,
    incident: DriftIncident | undefined,
    { notifySecret }: AlertRuleRow,
  ): AlertMessage {
    const { clock, publicUrl } = this.#ports;
    const row: AlertChannelRow = alertChannels[channelOf(to) ?? 'webhook'];
    const about = {
      ...{ id, event, alert, incident, publicUrl, secret: notifySecret },
      sentMs: clock.wallMs(),
    };
    return {
      ...{ to, id, event, subject: subjectOf(event, alert) },
      secret: row.secret === 'signature' ? notifySecret : undefined,
      body: bodyOf(row, about),
    };
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
