import { randomBytes } from 'node:crypto';
import type { DesiredAnswer, DesiredSettings, TargetAnswer } from '../../api/index.ts';
import { defined, InputError } from '../../base/index.ts';
import type { DriftSettings, LearnOrder, PipelineSettings } from '../../protocol/index.ts';
import type { FleetClient } from './client.ts';

type Client = Pick<FleetClient, 'call'>;

/** A device or a group: one of them. */
export interface FleetTarget {
  readonly device?: string;
  readonly group?: string;
}

/** InputError `target-missing` unless exactly one of both is named. */
export function expectTarget({ device, group }: FleetTarget): void {
  if ((device === undefined) === (group === undefined))
    throw new InputError(
      'target-missing',
      'The command needs a target.',
      'Give either --device ID or --group NAME.',
    );
}

/** The devices that an order or a setting for this target concerns, as the controller resolves it. */
export function resolveTarget(client: Client, target: FleetTarget, slot?: string): Promise<TargetAnswer> {
  expectTarget(target);
  const { device, group } = target;
  const named = device === undefined ? { groups: [group ?? ''] } : { devices: [device] };
  return client.call('POST /targets', { body: { target: named, ...defined({ slot }) } });
}

/** Reads what is desired of a device or a group, changes it and sends it back. */
async function changeSettings(
  client: Client,
  target: FleetTarget,
  edit: (settings: DesiredSettings) => DesiredSettings,
): Promise<DesiredAnswer> {
  expectTarget(target);
  if (target.device !== undefined) {
    const params = { id: target.device };
    const { settings } = await client.call('GET /devices/:id', { params });
    return client.call('PUT /devices/:id/desired', { params, body: edit(settings) });
  }
  const { groups } = await client.call('GET /groups');
  const settings = groups.find((group) => group.name === target.group)?.settings ?? {};
  const params = { group: target.group ?? '' };
  return client.call('PUT /groups/:group/desired', { params, body: edit(settings) });
}

/** `camera`: its name, or `*` for all. What `edit` does not name stays. */
export function changePipeline(
  client: Client,
  target: FleetTarget,
  camera: string,
  edit: (before: PipelineSettings) => PipelineSettings,
): Promise<DesiredAnswer> {
  return changeSettings(client, target, (settings) => ({
    ...settings,
    pipelines: { ...settings.pipelines, [camera]: edit(settings.pipelines?.[camera] ?? {}) },
  }));
}

export interface LearnRequest {
  readonly camera: string;
  readonly hours: number;
  /** Told apart, equal parts of 24 hours. */
  readonly timesOfDay: number;
}

export interface LearnAnswer extends DesiredAnswer {
  readonly order: string;
}

/** Lets cameras learn what is usual. Every order has an id of its own: a device follows it once. */
export async function orderLearning(
  client: Client,
  target: FleetTarget,
  { camera, hours, timesOfDay }: LearnRequest,
): Promise<LearnAnswer> {
  const learn: LearnOrder = {
    order: randomBytes(6).toString('hex'),
    hours,
    ...(timesOfDay === 1 ? {} : { timesOfDay: Math.min(24, timesOfDay) }),
  };
  const answer = await changePipeline(client, target, camera, ({ drift, ...before }) => ({
    ...before,
    drift: { ...drift, learn },
  }));
  return { ...answer, order: learn.order };
}

/** Takes the order back where it is not done yet. */
export function stopLearning(client: Client, target: FleetTarget, camera: string): Promise<DesiredAnswer> {
  return changePipeline(client, target, camera, ({ drift, ...before }) => {
    const { learn: _, ...others } = drift ?? {};
    return { ...before, drift: others };
  });
}

/** Lets devices keep hard frames, or stop. What `frames` does not name stays. */
export function keepFrames(
  client: Client,
  target: FleetTarget,
  camera: string,
  frames: NonNullable<DriftSettings['frames']>,
): Promise<DesiredAnswer> {
  return changePipeline(client, target, camera, ({ drift, ...before }) => ({
    ...before,
    drift: { ...drift, frames: { ...drift?.frames, ...frames } },
  }));
}
