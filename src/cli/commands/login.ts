import type { Command } from 'commander';
import { InputError } from '../../base/index.ts';
import { FleetClient, isLoopback, readSecretFile, writeSecretFile } from '../../runtime/index.ts';
import { checkedUrl, defaultUrl } from '../access/address.ts';
import {
  type Contexts,
  contextName,
  contextsFile,
  expectContext,
  readContexts,
  withContext,
  withoutContext,
} from '../access/contexts.ts';
import { examples, finish } from '../command.ts';
import { typedSecret } from '../typed.ts';

interface LoginOptions {
  readonly name?: string;
  readonly tokenFile?: string;
}

/** Log in once: the address and the token of a controller become a context of this user. */
export function loginCommands(program: Command): void {
  addLogin(program);
  addLogout(program);
  addContext(program.command('context').description('the controllers that you logged in to'));
}

function addLogin(program: Command): void {
  finish<LoginOptions>(
    program
      .command('login')
      .description('log in to a controller: the commands below ask it, with your token')
      .argument('[url]', `the controller (default: ${defaultUrl})`)
      .option('--name <name>', 'name of the context (default: host and port of the address)')
      .option('--token-file <file>', 'file with your access token (default: you type it)')
      .addHelpText(
        'after',
        `${examples(
          'login https://fleet.example',
          'login http://127.0.0.1:8080 --token-file admin.token',
        )}\n\nThe token is stored in ${contextsFile({ XDG_CONFIG_HOME: '~/.config' })}, which only you can read.`,
      ),
    async ({ output }, { name, tokenFile }, [given = defaultUrl]) => {
      const url = checkedUrl(given);
      const { protocol, hostname } = new URL(url);
      if (protocol === 'http:' && !isLoopback(hostname))
        output.warn(`${url} is not encrypted: others in the network can read your token. Use https://.`);
      const token = (await tokenFrom(tokenFile)).trim();
      const me = await new FleetClient({ url, token }).call('GET /me');
      const context = contextName(url, name);
      await save(withContext(readContexts(), context, { url, token }));
      output.value({ type: 'login', context, url, name: me.name, role: me.role });
      output.line(`Logged in to ${url} as ${me.name} (${me.role}). Context: ${context}`);
      return undefined;
    },
  );
}

/** InputError `token-missing` where there is neither file nor terminal. */
async function tokenFrom(file: string | undefined): Promise<string> {
  if (file !== undefined) return readSecretFile(file);
  const typed = process.stdin.isTTY ? await typedSecret('Access token: ') : undefined;
  if (typed !== undefined && typed.trim() !== '') return typed;
  throw new InputError(
    'token-missing',
    'You gave no token to log in with.',
    'Give --token-file FILE. The first token is in admin.token in the data folder of the controller.',
  );
}

function addLogout(program: Command): void {
  finish(
    program
      .command('logout')
      .description('delete the stored token of a controller')
      .argument('[context]', 'which one (default: the current one)')
      .addHelpText(
        'after',
        `${examples('logout')}\n\nThe token stays valid: end it with goshawk token revoke.`,
      ),
    async ({ output }, _options, [given]) => {
      const before = readContexts();
      const name = given ?? before.current;
      if (name === undefined)
        throw new InputError(
          'context-unknown',
          'You are not logged in.',
          'Name a context of `goshawk context list`.',
        );
      await save(withoutContext(before, name));
      output.value({ type: 'logout', context: name });
      output.line(`Logged out of ${name}.`);
      return undefined;
    },
  );
}

function addContext(context: Command): void {
  finish(
    context
      .command('list')
      .description('list the controllers that you logged in to')
      .addHelpText('after', examples('context list')),
    async ({ output }) => {
      const { current, contexts } = readContexts();
      const all = Object.entries(contexts).map(([name, { url }]) => ({
        name,
        url,
        current: name === current,
      }));
      output.value({ type: 'contexts', contexts: all });
      output.table(
        ['current', 'name', 'controller'],
        all.map((one) => [one.current ? '*' : '', one.name, one.url]),
        'You are not logged in. Run: goshawk login URL',
      );
      return undefined;
    },
  );
  finish(
    context
      .command('use')
      .description('choose the controller that commands ask')
      .argument('<context>')
      .addHelpText('after', examples('context use fleet.example')),
    async ({ output }, _options, [name = '']) => {
      const before = readContexts();
      const { url } = expectContext(before, name);
      await save({ ...before, current: name });
      output.value({ type: 'context', context: name, url });
      output.line(`Commands ask ${url} now.`);
      return undefined;
    },
  );
}

function save(contexts: Contexts): Promise<void> {
  return writeSecretFile(contextsFile(), `${JSON.stringify(contexts, undefined, 2)}\n`);
}
