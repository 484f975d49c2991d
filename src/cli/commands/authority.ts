import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { defined, InputError } from '../../base/index.ts';
import { issueCertificate, makeAuthority, renewAuthority } from '../../runtime/index.ts';
import { examples, finish, parseNumber } from '../command.ts';

interface InitOptions {
  readonly dir: string;
  readonly rootOut?: string;
  readonly rootDir?: string;
  readonly name: string;
  readonly pkcs11Module?: string;
  readonly pkcs11Token?: string;
  readonly pkcs11PinFile?: string;
}

interface IssueOptions {
  readonly dir: string;
  readonly name: readonly string[];
  readonly as: 'server' | 'client';
  readonly days: number;
  readonly out: string;
  readonly file?: string;
}

/** `goshawk controller ca`: the authority that signs devices, the broker and the controller. */
export function authorityCommands(controller: Command): void {
  const ca = controller.command('ca').description('the certificate authority of the fleet');
  finish<InitOptions>(
    ca
      .command('init')
      .description('make it: a root, which goes offline, and an intermediate that signs')
      .requiredOption('--dir <folder>', 'authority of the controller: `ca` in its data folder')
      .option(
        '--root-out <folder>',
        'folder for the key of the root, e.g. on a stick (default: the same folder)',
      )
      .option('--name <name>', 'name of the fleet', 'goshawk')
      .option('--pkcs11-module <file>', 'keep the key of the intermediate in a token: its PKCS #11 library')
      .option('--pkcs11-token <label>', 'label of the token', 'goshawk')
      .option('--pkcs11-pin-file <file>', 'holds the PIN of the token; the controller reads it too')
      .addHelpText(
        'after',
        examples('controller ca init --dir /var/lib/goshawk-controller/ca --root-out /media/safe'),
      ),
    async ({ output }, { dir, rootOut, name, ...options }) => {
      const token = tokenOf(options);
      const made = await makeAuthority({
        ...{ dir, name },
        ...defined({ rootDir: rootOut, token }),
      });
      output.value({ type: 'authority', ...made });
      output.line(`Root: ${made.root}`);
      output.line(`Key of the root: ${made.rootKey}`);
      output.note(
        'Keep the key of the root off this machine: with it, anyone can make devices and brokers of this fleet.',
      );
      return undefined;
    },
  );
  finish<InitOptions>(
    ca
      .command('renew')
      .description('a new intermediate by the root, before the old one ends or after it was stolen')
      .requiredOption('--dir <folder>', 'authority of the controller')
      .requiredOption('--root-dir <folder>', 'folder that holds root.crt and root.key')
      .option('--name <name>', 'name of the fleet', 'goshawk')
      .addHelpText(
        'after',
        examples('controller ca renew --dir /etc/goshawk-controller/ca --root-dir /media/key/ca-root'),
      ),
    async ({ output }, { dir, rootDir, name }) => {
      await renewAuthority({ dir, name, ...defined({ rootDir }) });
      output.value({ ok: true });
      output.line('The intermediate is new. Restart the controller; devices fetch it when they renew.');
      return undefined;
    },
  );
  finish<IssueOptions>(
    ca
      .command('issue')
      .description('a key and a certificate for the broker, or for the controller at the broker')
      .requiredOption('--dir <folder>', 'authority of the controller')
      .requiredOption('--name <name>', 'name or address; repeat it for more', collect, [])
      .requiredOption('--as <use>', 'server (the broker) or client (the controller)', parseUse)
      .option('--days <n>', 'until it ends', parseNumber(1, 3650), 825)
      .requiredOption('--out <folder>', 'folder for the files')
      .option('--file <name>', 'name of the files (default: broker for a server, otherwise the name)')
      .addHelpText(
        'after',
        examples(
          'controller ca issue --dir ca --as server --name broker.example --out /etc/mosquitto/goshawk',
          'controller ca issue --dir ca --as client --name controller --out /etc/goshawk',
        ),
      ),
    async ({ output }, { dir, name, as, days, out, file }) => {
      const issued = await issueCertificate({
        ...{ dir, as, days, out, names: name },
        file: file ?? (as === 'server' ? 'broker' : (name[0] ?? 'client')),
      });
      output.value({ type: 'issued', ...issued });
      output.line(`Certificate: ${issued.certFile}`);
      output.line(`Key: ${issued.keyFile}`);
      return undefined;
    },
  );
}

function tokenOf({
  pkcs11Module: module,
  pkcs11Token: label = '',
  pkcs11PinFile: pinFile,
}: Pick<InitOptions, 'pkcs11Module' | 'pkcs11Token' | 'pkcs11PinFile'>) {
  if (module === undefined) return undefined;
  if (pinFile !== undefined) return { module: resolve(module), label, pinFile: resolve(pinFile) };
  throw new InputError('pin-missing', 'The PKCS #11 token needs its PIN.', 'Give --pkcs11-pin-file FILE.');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function parseUse(text: string): string {
  if (text === 'server' || text === 'client') return text;
  throw new InvalidArgumentError('It is server or client.');
}
