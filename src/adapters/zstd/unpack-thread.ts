import { asGoshawkError } from '../../base/index.ts';
import { serve, type ThreadContract } from '../../platform/index.ts';
import type { UnpackJob } from './unpack-job.ts';
import { unpackNow } from './unpack-now.ts';

/* The thread that unpacks one file: tens of milliseconds for each megabyte, which the event loop must not wait for. */

export interface UnpackThread extends ThreadContract {
  readonly data: undefined;
  readonly calls: { unpack(job: UnpackJob): void };
}

serve<UnpackThread>(
  () => ({ answers: { unpack: unpackNow } }),
  (error) => asGoshawkError(error, 'unpack-failed', 'The file is fetched in another form.'),
);
