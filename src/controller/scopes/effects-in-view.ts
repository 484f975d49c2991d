import { accessScopeWords } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';
import { hasAlert } from '../alerts/alert-view.ts';
import type { CommandGuard } from '../audit/command-executor.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import type { Change } from '../store/store.ts';
import type { FleetViews } from './fleet-views.ts';

/**
 * Looks at what a command of somebody with a scope would change, however it came here and however long it waited since
 * it was let in: what is not of the part is not written. RefusedError `scope-exceeded`.
 */
export function effectsInView(views: Pick<FleetViews, 'of'>): CommandGuard {
  return (caller, action, _target, _detail, changes) => {
    const view = views.of(caller);
    if (view.scope === undefined || changes.every((change) => isOf(view, change))) return [];
    throw new RefusedError(
      'scope-exceeded',
      `Your token is limited to ${accessScopeWords(view.scope)}; ${action} would change more.`,
      'Use a token for the whole fleet: an admin can create one.',
    );
  };
}

/** Whatever is not named here is for the whole fleet. */
function isOf(view: FleetView, change: Change): boolean {
  switch (change.kind) {
    case 'settings':
    case 'desired':
      return view.has(change.device);
    case 'device-deleted':
      return view.has(change.id);
    case 'labels':
      return view.has(change.labels.device);
    case 'frame-reviews':
      return view.has(change.reviews.device);
    case 'certificate':
      return view.has(change.certificate.device);
    case 'alert':
      return hasAlert(view, change.alert);
    case 'group':
      return view.hasGroup(change.group.name) && change.group.members.every(view.has);
    case 'rollout-devices':
      return change.devices.every(({ device }) => view.has(device));
    // Its devices are a change of their own; what is over leaves where there are too many.
    case 'rollout':
    case 'rollout-deleted':
      return true;
    default:
      return false;
  }
}
