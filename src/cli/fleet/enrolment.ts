import { type Command, InvalidArgumentError } from 'commander';
import { defined } from '../../base/index.ts';
import { writeSecretFile } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseList, parseNumber } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatTime } from './format.ts';
import { revocationLine } from './revocation-line.ts';

interface ClaimOptions extends Target {
  readonly name: string;
  readonly count: number;
  readonly days: number;
  readonly rule: 'auto' | 'manual';
  readonly groups?: readonly string[];
  readonly serials?: readonly string[];
  readonly out?: string;
}

/** Claims, devices that wait to be let in, and their certificates. */
export function addEnrolment(fleet: Command): void {
  addClaims(fleet.command('claims').description('with a claim a device asks to be let in'));
  addEnrolments(fleet.command('enrolments').description('devices that wait to be let in'));
  finish<Target & { device?: string }>(
    fleetCommand(fleet, 'certificates', 'certificates of devices').option(
      '--device <id>',
      'of this one alone',
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /certificates', { query: { device: options.device } });
      output.value(list);
      output.table(
        ['device', 'serial', 'issued', 'ends', 'revoked'],
        list.certificates.map((one) => [
          one.device,
          one.serial,
          formatTime(one.issuedMs),
          formatTime(one.notAfterMs),
          formatTime(one.revokedMs),
        ]),
      );
      return undefined;
    },
  );
  finish<Target & { reason?: string }>(
    fleetCommand(fleet, 'revoke', 'take all certificates of a device back, at once')
      .argument('<device>')
      .option('--reason <text>', 'for the record'),
    async ({ output }, options, [id = '']) => {
      const { reason } = options;
      const answer = await connect(options).call('POST /devices/:id/revoke', {
        params: { id },
        body: defined({ reason }),
      });
      output.value(answer);
      output.line(revocationLine(id, answer));
      return answer.broker === 'failed' ? 1 : undefined;
    },
  );
}

function addClaims(claims: Command): void {
  finish<ClaimOptions>(
    fleetCommand(claims, 'create', 'a new claim; it is shown once')
      .requiredOption('--name <name>', 'for what it is')
      .option('--count <n>', 'how many devices it lets in', parseCount(), 1)
      .option('--days <n>', 'until it expires', parseNumber(0.001, 365), 7)
      .option(
        '--rule <rule>',
        'auto: whoever fits is let in; manual: a person approves each',
        parseRule,
        'auto',
      )
      .option('--groups <a,b>', 'groups that its devices belong to', parseList)
      .option('--serials <a,b>', 'only boards with these serial numbers', parseList)
      .option('--out <file>', 'write it there (mode 0600) instead of printing it')
      .addHelpText(
        'after',
        examples(
          'fleet claims create --name "hall 3" --count 40 --days 14 --groups hall-3 --out claim.token',
          'fleet claims create --name loaner --rule manual',
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
  finish<Target>(fleetCommand(claims, 'list', 'all claims, newest first'), async ({ output }, options) => {
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
        formatTime(one.expiresMs),
        formatTime(one.withdrawnMs),
        one.serials.length === 0 ? 'any' : one.serials.length,
        one.groups.join(', '),
      ]),
    );
    if (!list.open) output.note('This controller has no `devices` in its settings: it enrols nothing.');
    return undefined;
  });
  finish<Target>(
    fleetCommand(claims, 'withdraw', 'a claim lets nobody in from now on').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('DELETE /claims/:id', { params: { id } });
      output.value({ ok: true });
      output.line(
        `Claim ${id} is withdrawn. Devices that it let in stay: goshawk fleet revoke takes one back.`,
      );
      return undefined;
    },
  );
}

function addEnrolments(enrolments: Command): void {
  finish<Target>(fleetCommand(enrolments, 'list', 'those that wait first'), async ({ output }, options) => {
    const list = await connect(options).call('GET /enrolments');
    output.value(list);
    output.table(
      ['id', 'device', 'serial', 'board', 'claim', 'from', 'state', 'since', 'why'],
      list.enrolments.map((one) => [
        one.id,
        one.device,
        one.serial ?? '',
        one.facts?.board ?? '',
        one.claimName,
        one.address,
        one.state,
        formatTime(one.firstMs),
        one.why,
      ]),
    );
    return undefined;
  });
  finish<Target>(
    fleetCommand(enrolments, 'approve', 'let a device in').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      const certificate = await connect(options).call('POST /enrolments/:id/approve', { params: { id } });
      output.value(certificate);
      output.line(`${certificate.device} is let in until ${formatTime(certificate.notAfterMs)}.`);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(enrolments, 'reject', 'refuse a device').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('POST /enrolments/:id/reject', { params: { id } });
      output.value({ ok: true });
      output.line('It is refused.');
      return undefined;
    },
  );
}

function parseRule(text: string): string {
  if (text === 'auto' || text === 'manual') return text;
  throw new InvalidArgumentError('It is auto or manual.');
}
