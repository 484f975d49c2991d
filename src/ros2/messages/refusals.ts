import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { ServiceResponse, ServiceType, SetResult } from './services.ts';

/** Why a request is refused that came when as many waited as may. */
export const noRoomForRequest = 'Not done: too many requests wait already. Call again.';

/** Octets of a parameter on the wire at least: its name, its type and eight empty values. */
const leastParameterBytes = 48;

/**
 * The answer to a request that is not done, so that its caller does not wait for ever: the reason where the type has a place for one,
 * else what says nothing. `parameters`: how many the request wants to set, each of which gets a result.
 */
export function refusal<Type extends ServiceType>(
  type: Type,
  reason: string,
  parameters = 0,
): ServiceResponse<Type> {
  return refusals[type](reason, parameters);
}

/** How many parameters a request wants to set, of whose `size` octets not all need be there. */
export function parametersToSet(type: ServiceType, request: CdrReader, size: number): number {
  if (type !== 'rcl_interfaces/srv/SetParameters') return 0;
  return Math.min(request.uint32('parameters'), Math.floor(size / leastParameterBytes));
}

type Refusals = {
  readonly [Type in ServiceType]: (reason: string, parameters: number) => ServiceResponse<Type>;
};

const failed = (message: string) => ({ success: false, message });
const notSet = (reason: string): SetResult => ({ successful: false, reason });
/** ERROR_REJECTED of action_msgs/srv/CancelGoal. */
const cancelRejected = 1;

const refusals: Refusals = {
  'std_srvs/srv/Trigger': failed,
  'std_srvs/srv/SetBool': failed,
  'std_srvs/srv/Empty': () => ({}),
  'rcl_interfaces/srv/GetParameters': () => ({ values: [] }),
  'rcl_interfaces/srv/GetParameterTypes': () => ({ types: [] }),
  'rcl_interfaces/srv/SetParameters': (reason, parameters) => ({
    results: Array.from({ length: parameters }, () => notSet(reason)),
  }),
  'rcl_interfaces/srv/SetParametersAtomically': (reason) => ({ result: notSet(reason) }),
  'rcl_interfaces/srv/DescribeParameters': () => ({ descriptors: [] }),
  'rcl_interfaces/srv/ListParameters': () => ({ result: { names: [], prefixes: [] } }),
  'type_description_interfaces/srv/GetTypeDescription': notSet,
  'lifecycle_msgs/srv/ChangeState': () => ({ success: false }),
  'lifecycle_msgs/srv/GetState': () => ({ state: { id: 0, label: 'unknown' } }),
  'lifecycle_msgs/srv/GetAvailableStates': () => ({ states: [] }),
  'lifecycle_msgs/srv/GetAvailableTransitions': () => ({ transitions: [] }),
  'goshawk_msgs/srv/SetModel': (reason) => ({ ...failed(reason), digest: '' }),
  'goshawk_msgs/srv/Snapshot': failed,
  'goshawk_msgs/action/SwapModel_SendGoal': () => ({ accepted: false, stampNs: 0n }),
  'goshawk_msgs/action/SwapModel_GetResult': (reason) => ({
    status: 0,
    result: { ok: false, digest: '', reason },
  }),
  'action_msgs/srv/CancelGoal': () => ({ returnCode: cancelRejected, canceling: [] }),
};
