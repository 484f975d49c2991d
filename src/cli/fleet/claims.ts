import { type Command, InvalidArgumentError } from 'commander';
import { writeSecretFile } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseList, parseNumber } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

interface ClaimOptions extends Target {
  readonly name: string;
  readonly count: number;
  readonly days: number;
  readonly rule: 'auto' | 'manual';
  readonly groups?: readonly string[];
  readonly serials?: readonly string[];
  readonly out?: string;
}

/** Claims, with which devices ask to be enrolled. */
export function claimCommands(program: Command): void {
  const claims = program.command('claim').description('claims, with which devices ask to be enrolled');
  finish<ClaimOptions>(
    fleetCommand(claims, 'create', 'make a claim; it is shown once')
      .requiredOption('--name <name>', 'purpose of the claim')
      .option('--count <n>', 'how many devices it enrols', parseCount(), 1)
      .option('--days <n>', 'until it expires', parseNumber(0.001, 365), 7)
      .option(
        '--rule <rule>',
        'auto: enrol every device that fits; manual: a person approves each',
        parseRule,
        'auto',
      )
      .option('--groups <a,b>', 'groups that its devices belong to', parseList)
      .option('--serials <a,b>', 'only boards with these serial numbers', parseList)
      .option('--out <file>', 'write it there (mode 0600) instead of printing it')
      .addHelpText(
        'after',
        examples(
          'claim create --name "hall 3" --count 40 --days 14 --groups hall-3 --out claim.token',
          'claim create --name loaner --rule manual',
        ),
      ),
    async ({ output }, options) => {
      const { name, count, days, rule, groups, serials, out } = options;
      const created = await connect(options).call('POST /claims', {
        body: {
          ...{ name, count, days, rule },
          ...(groups === undefined ? {} : { groups: [...groups] }),
          ...(serials === undefined ? {} : { serials: [...serials] }),
        },
      });
      if (out === undefined) {
        output.value(created);
        output.line(created.claim);
        output.note('Keep it now: only its hash is stored.');
        return undefined;
      }
      await writeSecretFile(out, `${created.claim}\n`);
      const { claim: _, ...shown } = created;
      output.value({ ...shown, file: out });
      output.line(`Claim ${created.id} is in ${out}.`);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(claims, 'list', 'list the claims, newest first').addHelpText(
      'after',
      examples('claim list'),
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /claims');
      output.value(list);
      output.table(
        ['id', 'name', 'rule', 'used', 'of', 'expires', 'withdrawn', 'boards', 'groups'],
        list.claims.map((one) => [
          one.id,
          one.name,
          one.rule,
          one.used,
          one.count,
          { dueMs: one.expiresMs },
          { timeMs: one.withdrawnMs },
          one.serials.length === 0 ? 'any' : one.serials.length,
          one.groups.join(', '),
        ]),
        'No claims. Make one: goshawk claim create --name NAME',
      );
      if (!list.open) output.note('This controller enrols no devices: its settings have no `devices`.');
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(claims, 'withdraw', 'end a claim: it enrols no more devices')
      .argument('<id>')
      .addHelpText('after', examples('claim withdraw 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('DELETE /claims/:id', { params: { id } });
      output.value({ ok: true });
      output.line(
        `Claim ${id} is withdrawn. Devices that it enrolled keep their certificates: goshawk certificate revoke DEVICE.`,
      );
      return undefined;
    },
  );
}

function parseRule(text: string): string {
  if (text === 'auto' || text === 'manual') return text;
  throw new InvalidArgumentError('It is auto or manual.');
}
