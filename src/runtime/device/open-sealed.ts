import { SecretMemory, type SecretMemoryState } from '../../../device/native/index.ts';
import type { AgentEvent } from '../../agent/index.ts';
import type { Log } from '../../base/index.ts';
import { SealedModels } from './sealed-models.ts';

/** Encrypted models of this device. What does not keep their plain bytes off the disk is told, once. */
export function openSealedModels(
  key: () => string | undefined,
  { log, reportEvent }: { readonly log: Log; readonly reportEvent: (event: AgentEvent) => unknown },
): SealedModels {
  const memory = new SecretMemory((state) => {
    const reason = whyNot(state);
    if (reason === '') log.info('Memory of encrypted models is locked, and in no dump');
    else
      reportEvent({
        kind: 'model.memory-exposed',
        severity: 'warning',
        message: `Plain bytes of an encrypted model may reach the disk: ${reason}.`,
        data: { ...state },
      });
  });
  return new SealedModels(key, memory);
}

function whyNot({ dumpProblem, lockProblem }: SecretMemoryState): string {
  return [
    dumpProblem === '' ? '' : `the process may be dumped (${dumpProblem})`,
    lockProblem === ''
      ? ''
      : `its memory may be swapped (${lockProblem}; LimitMEMLOCK of the service says how much may not)`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
