import type { Command } from 'commander';
import { type EncryptOptions, encryptBundle } from '../../workbench/index.ts';
import { examples, finish, workPorts } from '../command.ts';
import { printEncrypted } from '../print/encrypted.ts';

type Options = Pick<EncryptOptions, 'for' | 'out'> & { readonly key: string };

export function addEncrypt(model: Command): void {
  const command = model
    .command('encrypt')
    .description('make a bundle whose networks only the named devices can read')
    .argument('<bundle>', 'folder of the bundle; one that is encrypted already gets other devices')
    .requiredOption('--for <certificate...>', 'PEM files of the certificates of devices')
    .requiredOption('--out <folder>', 'the bundle to write; whole or not at all')
    .requiredOption(
      '--key <file>',
      'keeps the bundle’s key, to add and leave out devices later; made where it is not there. Keep it secret and offline',
    )
    .addHelpText(
      'after',
      `${examples(
        'model encrypt plate-1.2.0/ --for cam-1.crt cam-2.crt --key plate.key --out plate-sealed/',
        'model encrypt plate-sealed/ --for cam-2.crt cam-3.crt --key plate.key --out plate-sealed-2/',
      )}\n
The digest of the bundle stays the same. Manifest, labels, golden set and profiles are not encrypted. See docs/encryption.md.`,
    );
  finish<Options>(command, async (context, { key, ...options }, [bundle = '']) => {
    const { signal } = workPorts(context);
    printEncrypted(context.output, await encryptBundle({ ...options, bundle, keyFile: key, signal }));
    return 0;
  });
}
