import type { Command } from 'commander';
import { defined } from '../../base/index.ts';
import { expectKnown, typedNames } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { revocationLine } from './revocation-line.ts';

export function certificateCommands(program: Command): void {
  const certificate = program.command('certificate').description('certificates of devices');
  finish<Target & { device?: string }>(
    fleetCommand(certificate, 'list', 'list the certificates of devices')
      .option('--device <id>', 'only of this device')
      .addHelpText('after', examples('certificate list --device truck-7')),
    async ({ output }, options) => {
      const { device } = options;
      const client = connect(options);
      const list = await client.call('GET /certificates', { query: { device } });
      if (list.certificates.length === 0) await expectKnown(client, typedNames(options));
      output.value(list);
      output.table(
        ['device', 'serial', 'issued', 'ends', 'revoked'],
        list.certificates.map((one) => [
          one.device,
          one.serial,
          { timeMs: one.issuedMs },
          { dueMs: one.notAfterMs },
          { timeMs: one.revokedMs },
        ]),
        'No certificates.',
      );
      return undefined;
    },
  );
  finish<Target & { reason?: string }>(
    fleetCommand(certificate, 'revoke', 'revoke all certificates of a device at once')
      .argument('<device>')
      .option('--reason <text>', 'written to the audit log')
      .addHelpText('after', examples('certificate revoke truck-7 --reason stolen')),
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
