import type { Command } from 'commander';
import { counted } from '../../base/index.ts';
import { exportAudit, verifyAudit } from '../../runtime/index.ts';
import { collect, examples, finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from '../fleet/connect.ts';
import { rangeQuery, sinceOption, type TimeRange, untilOption } from '../time-range.ts';

/** `goshawk audit`: the log of who did what. `export` and `verify` serve an auditor who trusts neither controller nor operators. */
export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('the log of who did what');
  addList(audit);
  addCheck(audit);
  addExport(audit);
  addVerify(audit);
}

function addList(audit: Command): void {
  finish<Target & TimeRange & { readonly limit: number }>(
    fleetCommand(audit, 'list', 'list who did what, newest first')
      .addOption(sinceOption('entries'))
      .addOption(untilOption('entries'))
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText(
        'after',
        examples('audit list --since 12h', 'audit list --since 2026-12-01 --until 2026-12-02'),
      ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /audit', {
        query: { limit: options.limit, ...rangeQuery(options) },
      });
      output.value(list);
      output.table(
        ['time', 'who', 'what', 'target', 'result'],
        list.entries.map((entry) => [
          { timeMs: entry.timeMs },
          entry.actor,
          entry.action,
          entry.target,
          entry.result,
        ]),
        'No entries.',
      );
      return undefined;
    },
  );
}

function addCheck(audit: Command): void {
  finish<Target>(
    fleetCommand(
      audit,
      'check',
      'let the controller verify that no entry was changed or removed; exit status 1 if one was',
    ).addHelpText('after', examples('audit check')),
    async ({ output }, options) => {
      const check = await connect(options).call('GET /audit/check');
      output.value(check);
      output.line(
        check.intact
          ? `Intact; entries: ${check.entries}.`
          : `Changed or cut at entry ${check.brokenAt ?? '?'}.`,
      );
      return check.intact ? 0 : 1;
    },
  );
}

function addExport(audit: Command): void {
  finish<Target & { readonly out: string }>(
    fleetCommand(audit, 'export', 'write the whole log, one line of JSON for each entry')
      .requiredOption('--out <file>', 'the file to write')
      .addHelpText('after', examples('audit export --out audit.jsonl')),
    async ({ output }, { out, ...options }) => {
      const entries = await exportAudit(connect(options), out);
      output.value({ type: 'audit', entries, file: out });
      output.line(`${counted(entries, 'entry', 'entries')}: ${out}`);
      return undefined;
    },
  );
}

function addVerify(audit: Command): void {
  finish<{ readonly root: string; readonly timestamp: readonly string[] }>(
    audit
      .command('verify')
      .description('verify an exported log against signed timestamps, without a controller')
      .argument('<log>', 'file of goshawk audit export')
      .requiredOption('--root <file>', 'the roots of the fleet: goshawk keys anchor')
      .requiredOption(
        '--timestamp <file>',
        'timestamp.json as it was published at some time (/tuf/image/timestamp.json); repeat it for more',
        collect,
        [],
      )
      .addHelpText('after', examples('audit verify audit.jsonl --root root.json --timestamp january.json')),
    async ({ output }, { root, timestamp }, [log = '']) => {
      const verified = await verifyAudit(log, root, timestamp);
      output.value({ type: 'verified-audit', ...verified });
      output.line(`${counted(verified.entries, 'entry', 'entries')}, each sealed to those before it.`);
      for (const { entries, signedAt } of verified.anchored)
        output.line(`Signed at ${signedAt}: the first ${entries} of them.`);
      return undefined;
    },
  );
}
