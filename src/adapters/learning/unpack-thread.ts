import { asGoshawkError } from '../../base/index.ts';
import { serve, type ThreadContract, WithTransfer } from '../../platform/index.ts';
import { type HandedOver, handOver } from './hand-over.ts';

/* The thread that reads one profile; the pieces wait in it until they are taken and it is ended. */

export interface UnpackThread extends ThreadContract {
  readonly data: undefined;
  readonly calls: {
    /** `where` names the file. */
    unpack(file: { readonly bytes: Uint8Array; readonly where: string }): HandedOver;
  };
}

serve<UnpackThread>(
  () => ({
    answers: {
      unpack: ({ bytes, where }) => {
        const handedOver = handOver(bytes, where);
        return new WithTransfer(handedOver, [handedOver.pieces]);
      },
    },
  }),
  (error) => asGoshawkError(error, 'profile-failed'),
);
