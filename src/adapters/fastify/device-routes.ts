import { Type } from '@sinclair/typebox';
import type { Clock } from '../../base/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import {
  DescribeAnswer,
  DesiredAnswer,
  DesiredSettings,
  type Device,
  DeviceDetail,
  DeviceList,
  DeviceListQuery,
  EventList,
  EventQuery,
  type FleetController,
  FleetMetricQuery,
  FleetSummary,
  GroupList,
  GroupMembers,
  MetricAnswer,
  MetricQuery,
  type MetricQuery as Query,
} from '../../controller/index.ts';
import { DeviceParams, GroupParams, type Route, route } from './route.ts';

const UnlistedQuery = Type.Object({
  unlisted: Type.Optional(
    Type.Boolean({
      description: 'The model need not be in the controller: devices have it on their own disk',
    }),
  ),
});
const describeMs = 10_000;
const mostPoints = 5_000;

/** Devices, groups, metrics, events. */
export function deviceRoutes(controller: FleetController, clock: Clock): Route[] {
  const known = (id: string): Device => {
    const device = controller.registry.get(id);
    if (device !== undefined) return device;
    throw new MissingError(
      'device-unknown',
      `No device ${id} has ever reported.`,
      'List the devices: GET /api/v1/devices.',
    );
  };
  const measure = async (devices: readonly string[] | undefined, query: Query) => {
    const toMs = query.to ?? clock.wallMs();
    const fromMs = query.from ?? toMs - 3_600_000;
    const stepMs = query.step ?? niceStep((toMs - fromMs) / 240);
    if (!(fromMs < toMs))
      throw new InputError('range-empty', '`from` is not before `to`.', 'Give milliseconds since 1970.');
    if ((toMs - fromMs) / stepMs > mostPoints)
      throw new InputError(
        'range-too-fine',
        `This asks for more than ${mostPoints} points.`,
        'Give a larger step or a shorter time.',
      );
    const labels = readLabels(query.labels);
    const result = await controller.store.metrics({
      devices,
      name: query.name,
      labels,
      fromMs,
      toMs,
      stepMs,
    });
    return { tier: result.tier, fromMs, toMs, stepMs: result.stepMs, series: [...result.series] };
  };

  return [
    route(
      'GET',
      '/devices',
      {
        role: 'viewer',
        tag: 'devices',
        summary: 'All devices, by id',
        query: DeviceListQuery,
        reply: DeviceList,
      },
      ({ query }) => controller.registry.list(query),
    ),
    route(
      'GET',
      '/devices/:id',
      {
        role: 'viewer',
        tag: 'devices',
        summary: 'Everything about one device',
        params: DeviceParams,
        reply: DeviceDetail,
      },
      ({ params }) => {
        const device = known(params.id);
        const { birth, reported, desired, settings } = device;
        return {
          summary: controller.registry.summary(device),
          ...(birth === undefined ? {} : { birth }),
          ...(reported === undefined ? {} : { reported }),
          ...(desired === undefined ? {} : { desired }),
          settings,
          metrics: device.metrics(),
        };
      },
    ),
    route(
      'DELETE',
      '/devices/:id',
      { role: 'admin', tag: 'devices', summary: 'Forget a device and its history', params: DeviceParams },
      ({ params, caller }) => controller.orders.deleteDevice(caller, params.id),
    ),
    route(
      'PUT',
      '/devices/:id/desired',
      {
        role: 'operator',
        tag: 'devices',
        summary: 'Set model and pipeline settings of one device; replaces its own settings',
        params: DeviceParams,
        query: UnlistedQuery,
        body: DesiredSettings,
        reply: DesiredAnswer,
      },
      async ({ params, query, body, caller }) => ({
        generations: await controller.orders.setDevice(caller, params.id, body, query.unlisted ?? false),
      }),
    ),
    route(
      'POST',
      '/devices/:id/describe',
      {
        role: 'viewer',
        tag: 'devices',
        summary: 'Ask the device itself for its models, settings and health',
        params: DeviceParams,
        reply: DescribeAnswer,
      },
      ({ params }) => controller.calls.call(known(params.id).id, 'describe', {}, describeMs),
    ),
    route(
      'GET',
      '/devices/:id/metrics',
      {
        role: 'viewer',
        tag: 'metrics',
        summary: 'One metric of a device over time',
        params: DeviceParams,
        query: MetricQuery,
        reply: MetricAnswer,
      },
      ({ params, query }) => measure([known(params.id).id], query),
    ),
    route(
      'GET',
      '/fleet/metrics',
      {
        role: 'viewer',
        tag: 'metrics',
        summary: 'One metric merged over all devices or a group; quantiles come from the sum of all buckets',
        query: FleetMetricQuery,
        reply: MetricAnswer,
      },
      ({ query }) =>
        measure(query.group === undefined ? undefined : controller.registry.membersOf(query.group), query),
    ),
    route(
      'GET',
      '/fleet',
      { role: 'viewer', tag: 'devices', summary: 'The fleet at a glance', reply: FleetSummary },
      () => controller.fleet(),
    ),
    route(
      'GET',
      '/devices/:id/events',
      {
        role: 'viewer',
        tag: 'events',
        summary: 'Events of a device, newest first',
        params: DeviceParams,
        query: EventQuery,
        reply: EventList,
      },
      async ({ params, query }) => {
        const page = await controller.store.events({ ...query, device: known(params.id).id });
        return { ...page, events: [...page.events] };
      },
    ),
    route(
      'GET',
      '/events',
      {
        role: 'viewer',
        tag: 'events',
        summary: 'Events of all devices, newest first',
        query: EventQuery,
        reply: EventList,
      },
      async ({ query }) => {
        const page = await controller.store.events(query);
        return { ...page, events: [...page.events] };
      },
    ),
    route(
      'GET',
      '/groups',
      { role: 'viewer', tag: 'groups', summary: 'All groups', reply: GroupList },
      () => ({ groups: controller.registry.groups() }),
    ),
    route(
      'PUT',
      '/groups/:group/members',
      {
        role: 'operator',
        tag: 'groups',
        summary: 'Say who is in a group; makes the group where it is new. Devices to come may be named',
        params: GroupParams,
        body: GroupMembers,
        reply: DesiredAnswer,
      },
      async ({ params, body, caller }) => ({
        generations: await controller.orders.setMembers(caller, params.group, body.members),
      }),
    ),
    route(
      'PUT',
      '/groups/:group/desired',
      {
        role: 'operator',
        tag: 'groups',
        summary:
          'Set model and pipeline settings of a group; settings of a device win over those of its groups',
        params: GroupParams,
        query: UnlistedQuery,
        body: DesiredSettings,
        reply: DesiredAnswer,
      },
      async ({ params, query, body, caller }) => ({
        generations: await controller.orders.setGroup(caller, params.group, body, query.unlisted ?? false),
      }),
    ),
    route(
      'DELETE',
      '/groups/:group',
      {
        role: 'operator',
        tag: 'groups',
        summary: 'Remove a group; its members lose the settings they had from it',
        params: GroupParams,
        reply: DesiredAnswer,
      },
      async ({ params, caller }) => ({
        generations: await controller.orders.deleteGroup(caller, params.group),
      }),
    ),
  ];
}

/** The next width that people use: whole seconds, minutes, hours. */
function niceStep(stepMs: number): number {
  const widths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
  const width = widths.find((seconds) => seconds * 1000 >= stepMs);
  return (width ?? Math.ceil(stepMs / 86_400_000) * 86_400) * 1000;
}

/** `camera=front,model=street` */
function readLabels(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of (text ?? '').split(',').filter((one) => one !== '')) {
    const at = part.indexOf('=');
    if (at < 1)
      throw new InputError(
        'labels-invalid',
        `"${part}" is no label.`,
        'Write labels as camera=front,model=street.',
      );
    labels[part.slice(0, at)] = part.slice(at + 1);
  }
  return labels;
}
