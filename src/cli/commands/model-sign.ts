import type { Command } from 'commander';
import { signModel } from '../../workbench/index.ts';
import { collect, examples, finish, parseNumber } from '../command.ts';
import type { PassphraseOptions } from '../passphrase.ts';
import { accessTo } from './keys.ts';

interface SignModelOptions extends PassphraseOptions {
  readonly repository: string;
  readonly key?: string;
  readonly release?: number;
  readonly board: readonly string[];
  readonly tensorrt: readonly string[];
  readonly minimumAgent?: string;
  readonly rollbackFrom?: number;
  readonly revoked?: boolean;
  readonly days: number;
}

/** `goshawk model sign`: the owner says that a bundle may run. */
export function signModelCommand(model: Command): void {
  const count = parseNumber(0, 2 ** 31);
  finish<SignModelOptions>(
    model
      .command('sign')
      .description('say that a bundle may run: adds it to what the owner signs')
      .argument('<bundle>', 'folder of the bundle')
      .requiredOption('--repository <file>', 'what the owner signs, e.g. fleet-trust.json')
      .option('--key <file>', 'private key that signs at once; the others follow with goshawk keys sign')
      .option(
        '--passphrase-file <file>',
        'file that holds only the passphrase (default: you are asked to type it)',
      )
      .option(
        '--release <n>',
        'devices never go below the highest that they have run; default: the newest of that name',
        count,
      )
      .option(
        '--rollback-from <n>',
        'devices that run this release or an older one may roll back to the new one',
        count,
      )
      .option('--board <name>', 'only for this board; repeat it for more', collect, [])
      .option('--tensorrt <version>', 'only for this TensorRT, e.g. 10.3; repeat it for more', collect, [])
      .option('--minimum-agent <version>', 'only for agents from there on')
      .option('--revoked', 'it must not run any more: devices refuse it at their next start')
      .option('--days <n>', 'until the targets end', parseNumber(1, 3650), 365)
      .addHelpText('after', examples('model sign bundle/ --repository fleet-trust.json --key anna.key')),
    async ({ output }, { board, key, revoked = false, ...options }, [bundle = '']) => {
      const signed = await signModel({
        ...{ ...options, bundle, revoked, boards: board },
        key: key === undefined ? undefined : accessTo({ ...options, key }),
      });
      const targets = signed.documents.find(({ what }) => what === 'targets');
      output.value({ type: 'signed-model', path: signed.path, targets });
      output.line(`${signed.path} is in targets ${targets?.version}.`);
      output.line(
        targets?.complete === true
          ? 'They are signed: goshawk keys publish.'
          : 'They wait for signatures: goshawk keys sign, then goshawk keys publish.',
      );
      return undefined;
    },
  );
}
