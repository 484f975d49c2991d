import { type Command, Option } from 'commander';
import { type AccessScope, accessScopeWords, type Labels, type Role, roles } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { expectKnown } from '../../runtime/index.ts';
import { examples, finish, parseList } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { parseLabels } from './label-list.ts';

interface CreateOptions extends Target {
  readonly name: string;
  readonly role: Role;
  readonly groups?: readonly string[];
  readonly labels?: Labels;
}

export function tokenCommands(program: Command): void {
  const token = program.command('token').description('access tokens of people and programs');
  finish<Target>(
    fleetCommand(token, 'list', 'list the access tokens').addHelpText('after', examples('token list')),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /tokens');
      output.value(list);
      output.table(
        ['id', 'name', 'role', 'limited to', 'created', 'by', 'last used'],
        list.tokens.map((one) => [
          one.id,
          one.name,
          one.role,
          one.scope === undefined ? '' : accessScopeWords(one.scope),
          { timeMs: one.createdMs },
          one.createdBy,
          { timeMs: one.lastUsedMs, absent: 'never' },
        ]),
        'No tokens.',
      );
      return undefined;
    },
  );
  finish<CreateOptions>(
    fleetCommand(token, 'create', 'make an access token; it is shown once')
      .requiredOption('--name <name>', 'person or program that uses it')
      .addOption(
        new Option('--role <role>', 'role, which says what the token may do')
          .choices(roles)
          .makeOptionMandatory(),
      )
      .option('--groups <names>', 'limit it to members of any of these groups, comma-separated', parseList)
      .option('--labels <labels>', 'limit it to devices with all of these labels, as site=west', parseLabels)
      .addHelpText(
        'after',
        examples(
          'token create --name ci --role operator',
          'token create --name "Berlin, night shift" --role operator --labels site=berlin',
        ),
      ),
    async ({ output }, options) => {
      const { name, role } = options;
      const client = connect(options);
      await expectKnown(client, { groups: options.groups });
      const created = await client.call('POST /tokens', {
        body: { name, role, ...scopeOf(options) },
      });
      output.value(created);
      output.line(created.token);
      output.note('Copy it now: the controller stores only its hash.');
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(token, 'revoke', 'end an access token at once')
      .argument('<id>')
      .addHelpText('after', examples('token revoke 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('DELETE /tokens/:id', { params: { id } });
      output.value({ ok: true });
      output.line(`Token ${id} is revoked.`);
      return undefined;
    },
  );
}

function scopeOf({ groups, labels }: CreateOptions): { scope?: AccessScope } {
  return groups === undefined && labels === undefined
    ? {}
    : { scope: defined({ groups: groups && [...groups], labels }) };
}
