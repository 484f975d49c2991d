import { Tpm2Seal } from '../../src/adapters/tpm2/index.ts';
import { FakeKeySeal, FakeTpm } from '../fakes/fake-key-seal.ts';
import { FakeTpm2Tools } from '../fixtures/fake-tpm2-tools.ts';
import { SoftTpm, softTpmMissing } from '../fixtures/soft-tpm.ts';
import { describeKeySeal } from './key-seal.ts';

/** Long for a loaded machine; the programs of a board that hangs get as much as it takes to see that they give up. */
const limits = { usual: 120_000, hanging: 300 };

describeKeySeal('the fake', async () => {
  const [own, other] = [new FakeTpm(), new FakeTpm()];
  return {
    seal: async (board, pcrs) => new FakeKeySeal(board === 'own' ? own : other, pcrs),
    changeFirmware: async () => {
      own.firmware++;
    },
    hang: () => {
      own.answers = false;
    },
    recover: () => {
      own.answers = true;
    },
    close: async () => {},
  };
});

describeKeySeal('tpm2-tools, programs that only look like them', async () => {
  const [own, other] = [new FakeTpm2Tools('seed 1'), new FakeTpm2Tools('seed 2')];
  const limit = { ms: limits.usual };
  return {
    seal: async (board, pcrs = []) => {
      const { environment } = board === 'own' ? own : other;
      return new Tpm2Seal({ pcrs, environment, limitMs: () => limit.ms });
    },
    changeFirmware: async () => own.set('pcrs', 'firmware 2\n'),
    hang: () => {
      limit.ms = limits.hanging;
      own.set('hang', '');
    },
    recover: () => {
      limit.ms = limits.usual;
      own.unset('hang');
    },
    close: async () => {
      own.close();
      other.close();
    },
  };
});

describeKeySeal(
  'tpm2-tools, a TPM in software',
  async () => {
    const [own, other] = [await SoftTpm.start(), await SoftTpm.start()];
    const limit = { ms: limits.usual };
    return {
      seal: async (board, pcrs = []) => {
        const { environment } = board === 'own' ? own : other;
        return new Tpm2Seal({ pcrs, environment, limitMs: () => limit.ms });
      },
      changeFirmware: async () => own.extend(7),
      hang: () => {
        limit.ms = limits.hanging;
        own.hang();
      },
      recover: () => {
        limit.ms = limits.usual;
        own.recover();
      },
      close: async () => {
        await own.close();
        await other.close();
      },
    };
  },
  softTpmMissing,
);
