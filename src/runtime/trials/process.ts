/*
 * Tries one thing in a process of its own, for a library may crash it, or hang, or need more memory than there is. It gets
 * one TrialJob through the channel to its parent, and writes one TrialReply to it.
 */
import { asGoshawkError } from '../../base/index.ts';
import { packError } from '../../platform/index.ts';
import type { TrialJob, TrialReply } from './job.ts';

async function outcomeOf(job: TrialJob) {
  switch (job.kind) {
    case 'load':
      return (await import('./load-work.ts')).loadAddons(job);
    case 'frames':
      return (await import('./frames-work.ts')).takePicture(job);
    case 'rtsp':
      return (await import('./rtsp-work.ts')).takeRtspFrames(job);
    case 'ros':
      return (await import('./ros-work.ts')).sendMessage(job);
    case 'model':
      return (await import('./model-work.ts')).openModel(job);
    case 'engine':
      return (await import('./engine-work.ts')).tryEngine(job);
    case 'answers':
      return (await import('./answer-work.ts')).answerPictures(job);
  }
}

async function replyTo(job: TrialJob): Promise<TrialReply> {
  try {
    return { ok: true, outcome: await outcomeOf(job) };
  } catch (error) {
    const reason = asGoshawkError(
      error,
      'trial-failed',
      'Run it again with --debug, and send us the report.',
    );
    return { ok: false, error: packError(reason) };
  }
}

// Who asked is gone: nobody waits for the answer.
process.once('disconnect', () => process.exit(1));
process.once('message', async (job) => {
  const reply = await replyTo(job as TrialJob);
  process.send?.(reply, () => process.exit(0));
});
