import type { Bundle } from '../../model/index.ts';
import type { DetectorIdentity } from '../../perception/index.ts';

export interface AfterDeployment {
  /** Its plan was checked and watched in the deployment, and serves. */
  readonly proven: Bundle | undefined;
  /** The model that serves still waits for its plan. */
  readonly stillPending: boolean;
}

/** What the end of a deployment means for plans. `ordered`: its bundle; `pending`: the one that waits for its plan. */
export function afterDeployment(
  serving: Pick<DetectorIdentity, 'digest' | 'engine'>,
  ordered: Bundle | undefined,
  pending: Bundle | undefined,
): AfterDeployment {
  const onTensorrt = serving.engine === 'tensorrt';
  return {
    proven: onTensorrt && ordered?.digest === serving.digest ? ordered : undefined,
    stillPending: !onTensorrt && pending?.digest === serving.digest,
  };
}
