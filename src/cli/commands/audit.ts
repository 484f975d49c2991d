import type { Command } from 'commander';
import { exportAudit, verifyAudit } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from '../fleet/connect.ts';

/** `goshawk audit`: the log of who did what, for somebody who trusts neither its controller nor its people. */
export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('the log of who did what, to be checked by an outsider');
  finish<Target & { readonly out: string }>(
    fleetCommand(audit, 'export', 'the whole log, one line of JSON for each entry').requiredOption(
      '--out <file>',
      'where it is written',
    ),
    async ({ output }, { out, ...options }) => {
      const entries = await exportAudit(connect(options), out);
      output.value({ type: 'audit', entries, file: out });
      output.line(`${entries} entries: ${out}`);
      return undefined;
    },
  );
  finish<{ readonly root: string; readonly timestamp: readonly string[] }>(
    audit
      .command('verify')
      .description('check a log that was exported against signed timestamps; asks nobody')
      .argument('<log>', 'file of goshawk audit export')
      .requiredOption('--root <file>', 'the roots of the fleet: goshawk keys anchor')
      .requiredOption(
        '--timestamp <file>',
        'timestamp.json as it was published at some time (/tuf/image/timestamp.json); repeat it for more',
        (value: string, before: readonly string[]) => [...before, value],
        [],
      )
      .addHelpText('after', examples('audit verify audit.jsonl --root root.json --timestamp january.json')),
    async ({ output }, { root, timestamp }, [log = '']) => {
      const verified = await verifyAudit(log, root, timestamp);
      output.value({ type: 'verified-audit', ...verified });
      output.line(`${verified.entries} entries, each sealed to those before it.`);
      for (const { entries, signedAt } of verified.anchored)
        output.line(`Signed at ${signedAt}: the first ${entries} of them.`);
      return undefined;
    },
  );
}
