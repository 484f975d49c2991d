/*
 * Tries one engine in a process of its own, for an engine may crash it, or hang, or need more memory than there is.
 *
 *   node engine-process.js <EngineJob as JSON>      writes one EngineReply to the channel to its parent
 */
import { asGoshawkError } from '../../base/index.ts';
import type { EngineJob, EngineReply } from './engine-job.ts';
import { tryEngine } from './engine-work.ts';

const [, , job = '{}'] = process.argv;

async function reply(): Promise<EngineReply> {
  try {
    return { ok: true, outcome: await tryEngine(JSON.parse(job) as EngineJob) };
  } catch (error) {
    const { code, message, remedy } = asGoshawkError(
      error,
      'selftest-engine',
      'Run it again with --debug, and send us the report.',
    );
    return { ok: false, code, message, remedy };
  }
}

// Who asked is gone: nobody waits for the answer.
process.once('disconnect', () => process.exit(1));
const answer = await reply();
process.send?.(answer, () => process.exit(0));
