import { changeLabels } from '../api/change-labels.ts';
import { call } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { ModelInfo } from '../api/types.ts';
import { count } from '../ui/format.ts';

/** What is done with several devices at once. */
export type BulkAction =
  | { readonly kind: 'model'; readonly model: ModelInfo }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'label'; readonly key: string; readonly value: string }
  | { readonly kind: 'retry' };

export type BulkKind = BulkAction['kind'];

export const bulkWords: Readonly<Record<BulkKind, string>> = {
  model: 'Change the model',
  group: 'Add to a group',
  label: 'Set a label',
  retry: 'Retry the deployment',
};

export const bulkKinds = Object.keys(bulkWords) as BulkKind[];
/** Groups and labels say who may see a device: a token that is limited to a part changes none. */
export const onFleet: ReadonlySet<BulkKind> = new Set(['group', 'label']);

/** One order each: a rollout is the way for more. */
export const mostDevices = 200;

export interface BulkResult {
  readonly done: readonly string[];
  readonly refused: readonly { readonly device: string; readonly why: string }[];
}

/** One device after the other; one that is refused does not keep the others from it. */
export async function runBulk(
  action: BulkAction,
  devices: readonly string[],
  onProgress: (done: number) => void,
): Promise<BulkResult> {
  if (action.kind === 'group') {
    const { groups } = await call('GET /groups');
    const before = groups.find(({ name }) => name === action.group)?.members ?? [];
    const members = [...new Set([...before, ...devices])];
    await call('PUT /groups/:group/members', { params: { group: action.group }, body: { members } });
    return { done: devices, refused: [] };
  }
  const done: string[] = [];
  const refused: { device: string; why: string }[] = [];
  for (const device of devices) {
    try {
      await actOn(action, device);
      done.push(device);
    } catch (error) {
      const { message, remedy } = asFailure(error);
      refused.push({ device, why: `${message} ${remedy}` });
    }
    onProgress(done.length + refused.length);
  }
  return { done, refused };
}

async function actOn(action: Exclude<BulkAction, { kind: 'group' }>, id: string): Promise<void> {
  const params = { id };
  if (action.kind === 'retry') await call('POST /devices/:id/retry', { params });
  else if (action.kind === 'model') {
    const { name, digest } = action.model;
    await call('PUT /devices/:id/slots/:slot', { params: { id, slot: 'main' }, body: { name, digest } });
  } else await changeLabels(id, { [action.key]: action.value });
}

export function resultWords({ done, refused }: BulkResult): string {
  return refused.length === 0
    ? `Done for ${count(done.length, 'device')}.`
    : `Done for ${count(done.length, 'device')}, refused for ${refused.length}.`;
}
