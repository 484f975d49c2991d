import type { Counters } from '../counters.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { ExceededQuota } from './quotas.ts';

const texts: Readonly<Record<ExceededQuota['what'], (limit: number) => string>> = {
  series: (limit) =>
    `It sends more than ${limit} different metrics. The others are not stored. Find the label of its metrics that has so many values, or raise quotas.seriesPerDevice.`,
  'new-series': (limit) =>
    `It sent more than ${limit} new metrics in a day. The newest are not stored. Find the label of its metrics that changes with every start, or raise quotas.seriesPerDevice.`,
  'fleet-series': (limit) =>
    `The fleet has ${limit} different metrics. New ones of this device are not stored; look for labels that take many values, or raise quotas.seriesOfFleet.`,
  messages: (limit) =>
    `It sends more than ${limit} messages a minute. Further messages wait on the device. Check what it sends, or raise quotas.messagesPerMinute.`,
  bytes: (limit) =>
    `It sends more than ${limit} bytes a minute. Further messages wait on the device. Check what it sends, or raise quotas.bytesPerMinute.`,
  events: (limit) =>
    `It sends more than ${limit} events a minute. Further messages wait on the device. Check what it sends, or raise quotas.eventsPerMinute.`,
  births: (limit) =>
    `It connects or disconnects more than ${limit} times a minute. The controller ignores further ones. Check whether two agents use its identity, or raise quotas.birthsPerMinute.`,
  'retained-previews': () =>
    'It left live pictures on the broker, where they take memory. They were removed. No agent of Goshawk does that: find out which program uses its identity.',
};

export interface QuotaReporterPorts {
  readonly counters: Counters;
  /** Who never reported has no list of events. */
  readonly isKnown: (device: string) => boolean;
  readonly events: ControllerEvents;
  readonly bus: EventBus;
}

/** Counts what goes beyond a limit, and tells it in the list of the device's events. */
export function reportExceededQuotas({ counters, isKnown, events, bus }: QuotaReporterPorts): void {
  bus.on('quotaExceeded', (device, { what, limit, count }) => {
    counters.overQuota[what] += count;
    if (!isKnown(device)) return;
    const data = { what, limit };
    events.tell(
      device,
      { kind: 'device.quota-exceeded', severity: 'warning', message: texts[what](limit), data },
      what,
    );
  });
}
