import { GoshawkError, LimitError } from '../../base/index.ts';
import { isDiskFull } from '../../platform/index.ts';

/** What went wrong below the folder of the artifacts, in words. */
export function explainArtifactError(error: unknown, root: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  if (isDiskFull(error))
    return new LimitError(
      'artifact-disk-full',
      `The disk that holds ${root} is full.`,
      'Free space or delete models that no device uses.',
      { cause: error },
    );
  return new GoshawkError(
    'artifact-io',
    `A file below ${root} could not be written: ${error instanceof Error ? error.message : String(error)}.`,
    'Check the folder and the rights of the user that runs the controller. A broken connection ends here too; upload again.',
    { cause: error },
  );
}
