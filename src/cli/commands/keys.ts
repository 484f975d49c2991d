import { type Command, Option } from 'commander';
import { publishedTrust, publishTrust } from '../../runtime/index.ts';
import {
  createKey,
  exportKey,
  initRepository,
  nameTokenKey,
  publication,
  type RepositoryView,
  renewRepository,
  revokeKey,
  rotateKeys,
  showRepository,
  signRepository,
  takePublished,
  writeAnchor,
  writePublicKey,
} from '../../workbench/index.ts';
import { collect, examples, finish, parseNumber } from '../command.ts';
import { connect, type Target, targetOptions } from '../fleet/connect.ts';
import type { Output } from '../output.ts';
import { newPassphrase, type PassphraseOptions, passphraseOf } from '../passphrase.ts';
import { rehearseCommand } from './keys-rehearse.ts';

interface SignOptions extends PassphraseOptions {
  readonly key: string;
}

interface InitOptions {
  readonly rootKey: readonly string[];
  readonly targetsKey: readonly string[];
  readonly onlineKey: string;
  readonly threshold: number;
  readonly days: number;
}

interface RotateOptions {
  readonly role: 'root' | 'targets' | 'online';
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly threshold?: number;
  readonly days: number;
}

const repositoryWords = 'what the owner signs, e.g. fleet-trust.json';

/** `goshawk keys`: the keys of a fleet's owner, and what they sign. */
export function keysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description("the keys of a fleet's owner, and what they sign; docs/trust.md");
  keyCommands(keys);
  repositoryCommands(keys);
  changeCommands(keys);
  controllerCommands(keys);
  rehearseCommand(keys);
}

function keyCommands(keys: Command): void {
  finish<PassphraseOptions & { readonly type: 'ed25519' | 'p256'; readonly passphrase: boolean }>(
    withPassphrase(
      keys
        .command('create')
        .description(
          'a key of one person: the private one, sealed with a passphrase, and the public one beside it',
        )
        .argument('<file>', 'file of the private key')
        .addOption(new Option('--type <type>', 'kind of key').choices(['ed25519', 'p256']).default('ed25519'))
        .option('--no-passphrase', 'leave it open, for a test')
        .addHelpText('after', examples('keys create /media/anna/anna.key')),
    ),
    async ({ output }, options, [file = '']) => {
      const passphrase = options.passphrase ? await newPassphrase(options) : undefined;
      const made = await createKey(file, options.type, passphrase);
      output.value({ type: 'key', ...made });
      output.line(`Private key: ${made.file}`);
      output.line(`Public key: ${made.publicFile} (${made.id.slice(0, 12)})`);
      output.note('Keep the private key away from every controller, and a copy of it in another place.');
      return undefined;
    },
  );
  addTokenKey(keys);
  finish<SignOptions & { readonly out: string }>(
    withKey(
      keys
        .command('export')
        .description('the public half of a key that was made elsewhere, e.g. in a token')
        .requiredOption('--out <file>', 'file to write the public key to'),
    ).addHelpText('after', examples('keys export --key owner.key --out owner.pub')),
    async ({ output }, options) => {
      const made = await exportKey(accessTo(options), options.out);
      output.value({ type: 'key', ...made });
      output.line(`Public key: ${made.publicFile} (${made.id.slice(0, 12)})`);
      return undefined;
    },
  );
}

interface TokenKeyOptions {
  readonly module: string;
  readonly token: string;
  readonly object: string;
  readonly pinFile: string;
}

function addTokenKey(keys: Command): void {
  finish<TokenKeyOptions>(
    keys
      .command('name')
      .description('name a key on P-256 that is in a token (PKCS #11), so that --key takes it')
      .argument(
        '<file>',
        'file to write, which names the key; <file>.cnf tells OpenSSL how to find the token',
      )
      .requiredOption(
        '--module <library>',
        'PKCS #11 library of the token, e.g. /usr/lib/x86_64-linux-gnu/libykcs11.so',
      )
      .requiredOption('--token <label>', 'label of the token')
      .requiredOption('--object <label>', 'label of the key in the token')
      .requiredOption('--pin-file <file>', 'file that holds only the PIN')
      .addHelpText(
        'after',
        examples(
          'keys name anna.key --module /usr/lib/softhsm/libsofthsm2.so --token owner --object anna --pin-file pin',
        ),
      ),
    async ({ output }, { module, token, object, pinFile }, [file = '']) => {
      const named = await nameTokenKey(file, { module, label: token, object, pinFile });
      output.value({ type: 'token-key', ...named });
      output.line(`Names the key: ${named.file}`);
      output.line(
        `Then: OPENSSL_CONF=${named.config} goshawk keys export --key ${named.file} --out ${file}.pub`,
      );
      return undefined;
    },
  );
}

function repositoryCommands(keys: Command): void {
  finish<InitOptions>(
    withDays(
      keys
        .command('init')
        .description('the first roots and targets of a fleet; then each owner signs them')
        .argument('<file>', repositoryWords)
        .requiredOption('--root-key <file>', 'public key that signs roots; repeat it for each', collect, [])
        .option('--targets-key <file>', 'public key that signs models; default: the root keys', collect, [])
        .requiredOption('--online-key <file>', 'public key of the controller: goshawk keys online')
        .option('--threshold <n>', 'how many of the keys have to sign', parseNumber(1, 16), 2)
        .addHelpText(
          'after',
          examples(
            'keys init fleet-trust.json --root-key anna.key.pub --root-key ben.key.pub --root-key safe.key.pub --online-key online.pub',
          ),
        ),
    ),
    async ({ output }, { rootKey, targetsKey, ...options }, [file = '']) => {
      const view = await initRepository({ ...options, file, rootKeys: rootKey, targetsKeys: targetsKey });
      printView(output, view);
      return undefined;
    },
  );
  finish<SignOptions>(
    withKey(
      keys
        .command('sign')
        .description('add the signatures of one key to all that waits for them')
        .argument('<file>', repositoryWords)
        .addHelpText('after', examples('keys sign fleet-trust.json --key /media/anna/anna.key')),
    ),
    async ({ output }, options, [file = '']) => {
      const { signed, ...view } = await signRepository(file, accessTo(options));
      output.line(signed.length === 0 ? 'No document waits for this key.' : `Signed: ${signed.join(', ')}`);
      printView(output, view);
      return undefined;
    },
  );
  finish(
    keys
      .command('show')
      .description('show who has signed which document, and until when it is valid')
      .argument('<file>', repositoryWords)
      .addHelpText('after', examples('keys show fleet-trust.json')),
    async ({ output }, _options, [file = '']) => {
      printView(output, await showRepository(file));
      return undefined;
    },
  );
  finish<{ readonly out: string }>(
    keys
      .command('anchor')
      .description('the roots as a device is flashed with them')
      .argument('<file>', repositoryWords)
      .requiredOption('--out <file>', 'e.g. root.json, for trust.rootFile and goshawk image build --trust')
      .addHelpText('after', examples('keys anchor fleet-trust.json --out root.json')),
    async ({ output }, { out }, [file = '']) => {
      await writeAnchor(file, out);
      output.value({ type: 'anchor', file: out });
      output.line(`Roots for devices: ${out}`);
      return undefined;
    },
  );
}

function changeCommands(keys: Command): void {
  finish<RotateOptions>(
    withDays(
      keys
        .command('rotate')
        .description('the next roots, with other keys; those before have to sign them too')
        .argument('<file>', repositoryWords)
        .addOption(
          new Option('--role <role>', 'role whose keys change')
            .choices(['root', 'targets', 'online'])
            .makeOptionMandatory(),
        )
        .option('--add <file>', 'public key; for online it replaces the previous key', collect, [])
        .option('--remove <id>', 'beginning of the id of a key', collect, [])
        .option('--threshold <n>', 'how many of the keys have to sign from now on', parseNumber(1, 16)),
    ).addHelpText('after', examples('keys rotate fleet-trust.json --role targets')),
    async ({ output }, options, [file = '']) => {
      printView(output, await rotateKeys({ ...options, file }));
      return undefined;
    },
  );
  finish<{ readonly days: number }>(
    withDays(
      keys
        .command('revoke')
        .description('remove a lost or stolen key from every role, and sign root and targets again')
        .argument('<file>', repositoryWords)
        .argument('<id>', 'beginning of the id of the key'),
    ).addHelpText('after', examples('keys revoke fleet-trust.json 1f2e3d4c')),
    async ({ output }, { days }, [file = '', id = '']) => {
      printView(output, await revokeKey(file, id, days));
      return undefined;
    },
  );
  finish<{ readonly days: number }>(
    withDays(
      keys
        .command('renew')
        .description('roots and targets for a new term, before the old one ends')
        .argument('<file>', repositoryWords),
    ).addHelpText('after', examples('keys renew fleet-trust.json')),
    async ({ output }, { days }, [file = '']) => {
      printView(output, await renewRepository(file, days));
      return undefined;
    },
  );
}

function controllerCommands(keys: Command): void {
  finish<Target>(
    targetOptions(
      keys
        .command('publish')
        .description('give the controller what was signed')
        .argument('<file>', repositoryWords),
    ).addHelpText('after', examples('keys publish fleet-trust.json')),
    async ({ output }, options, [file = '']) => {
      await publication(file);
      const status = await publishTrust(connect(options), file);
      output.value({ type: 'trust', ...status });
      output.line(
        `Published: root ${status.root?.version}, targets ${status.targets?.version}, ${status.targets?.models} models`,
      );
      return undefined;
    },
  );
  finish<Target>(
    targetOptions(
      keys
        .command('fetch')
        .description('fetch the published documents, to sign the next version')
        .argument('<file>', repositoryWords),
    ).addHelpText('after', examples('keys fetch fleet-trust.json')),
    async ({ output }, options, [file = '']) => {
      printView(output, await takePublished(file, await publishedTrust(connect(options))));
      return undefined;
    },
  );
  finish<Target & { readonly out: string }>(
    targetOptions(
      keys
        .command('online')
        .description('the public key of the controller, which the root has to name')
        .requiredOption('--out <file>', 'file to write'),
    ).addHelpText('after', examples('keys online --out online.pub')),
    async ({ output }, { out, ...options }) => {
      const { onlineKey } = await connect(options).call('GET /trust');
      const { id } = await writePublicKey(out, onlineKey.key);
      output.value({ type: 'key', id, publicFile: out });
      output.line(`Key of the controller: ${out} (${id.slice(0, 12)})`);
      output.note('Compare it with trust/online.pub in the data folder of the controller.');
      return undefined;
    },
  );
}

function printView(output: Output, view: RepositoryView): void {
  output.value({ type: 'repository', ...view });
  for (const { what, version, issuedMs, expiresMs, needs, complete } of view.documents) {
    const counts = needs.map(({ signed, threshold }) => `${signed} of ${threshold}`).join(', ');
    const [made, until] = [issuedMs, expiresMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
    output.line(
      `${complete ? 'signed ' : 'WAITING'}  ${what} ${version}, made ${made}, until ${until}: ${counts}`,
    );
    if (complete) continue;
    const missing = new Set(needs.flatMap((need) => need.missing.map((id) => id.slice(0, 12))));
    output.line(`         may still sign: ${[...missing].join(', ')}`);
  }
  for (const { id, scheme, roles } of view.keys)
    output.line(`key      ${id.slice(0, 12)} ${scheme}: ${roles.join(', ')}`);
  for (const { path } of view.models) output.line(`model    ${path}`);
}

export function withKey(command: Command): Command {
  return withPassphrase(
    command.requiredOption('--key <file>', 'private key, or a reference to one in a token'),
  );
}

function withPassphrase(command: Command): Command {
  return command.option(
    '--passphrase-file <file>',
    'file that holds only the passphrase (default: you are asked to type it)',
  );
}

function withDays(command: Command): Command {
  return command.option('--days <n>', 'until it ends', parseNumber(1, 3650), 365);
}

export function accessTo(options: SignOptions) {
  return { file: options.key, passphrase: () => passphraseOf(options, `Passphrase of ${options.key}`) };
}
