import { RefusedError } from '../../base/index.ts';

/** Between two steps of a deployment: throws where it was told to stop. */
export function refuseIfSuperseded(signal: AbortSignal): void {
  if (signal.aborted)
    throw new RefusedError(
      'deployment-superseded',
      'A newer order arrived.',
      'The device carries out the newer order.',
    );
}
