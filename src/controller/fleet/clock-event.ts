import type { GoshawkError } from '../../base/index.ts';
import type { ControllerEvent } from './controller-events.ts';

/** The event about the controller's clock; undefined: it is right again. */
export function clockEvent(fault: GoshawkError | undefined): ControllerEvent {
  if (fault === undefined)
    return {
      kind: 'controller.clock-recovered',
      severity: 'info',
      message: 'The clock of the controller is confirmed again: old history is deleted for its age.',
    };
  return {
    kind: 'controller.clock-ahead',
    severity: 'error',
    message: fault.message,
    data: { remedy: fault.remedy },
  };
}
