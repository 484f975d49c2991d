import type { FastifyRequest } from 'fastify';
import { type AccessScope, accessScopeWords, type Reach, type Selector } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';
import { type FleetView, narrowed } from '../../controller/index.ts';

/**
 * What a caller may reach of the fleet by an operation, decided before its handler and before its body is read. An
 * operation that declares nothing is refused. RefusedError `scope-exceeded`; for a device of another part MissingError
 * `device-unknown`, which is also said of one that never was.
 */
export function expectReach(
  reach: Reach | undefined,
  view: FleetView,
  params: { readonly id?: string; readonly device?: string; readonly group?: string },
): void {
  const { scope } = view;
  if (scope === undefined) return;
  switch (reach) {
    case 'none':
    case 'part':
      return;
    case 'device':
      view.expect(params.id ?? params.device ?? '');
      return;
    case 'group':
      if (params.group !== undefined && view.hasGroup(params.group)) return;
      throw exceeded(scope, 'an order for a group needs a token for this group alone, without labels');
    case undefined:
    case 'fleet':
      throw exceeded(scope, 'this concerns the whole fleet');
    default:
      return;
  }
}

/** Limits the selectors of a body to the devices of the view, for good: also when they are resolved later. */
export function narrowTargets(
  reach: Reach | undefined,
  { scope }: FleetView,
  { body }: Pick<FastifyRequest, 'body'>,
): void {
  if (scope === undefined || typeof reach !== 'object') return;
  for (const path of reach.targets) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const holder = names.reduce<unknown>((found, name) => fieldOf(found, name), body);
    const selector = fieldOf(holder, last);
    if (isObject(holder) && selector !== undefined) holder[last] = narrowed(selector as Selector, scope);
  }
}

function exceeded(scope: AccessScope, why: string): RefusedError {
  return new RefusedError(
    'scope-exceeded',
    `Your token is limited to ${accessScopeWords(scope)}; ${why}.`,
    'Use a token for the whole fleet: an admin can create one.',
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
