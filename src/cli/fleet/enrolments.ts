import type { Command } from 'commander';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

/** Devices that wait to be enrolled. */
export function enrolmentCommands(program: Command): void {
  const enrolments = program.command('enrolment').description('devices that wait to be enrolled');
  finish<Target>(
    fleetCommand(enrolments, 'list', 'list enrolments, waiting ones first').addHelpText(
      'after',
      examples('enrolment list'),
    ),
    async ({ output }, options) => {
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
          { timeMs: one.firstMs },
          one.why,
        ]),
        'No enrolments.',
      );
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(enrolments, 'approve', 'enrol a waiting device')
      .argument('<id>')
      .addHelpText('after', examples('enrolment approve 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      const certificate = await connect(options).call('POST /enrolments/:id/approve', { params: { id } });
      output.value(certificate);
      output.line(
        `${certificate.device} is enrolled; its certificate ends ${output.words({ dueMs: certificate.notAfterMs })}.`,
      );
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(enrolments, 'reject', 'refuse a waiting device')
      .argument('<id>')
      .addHelpText('after', examples('enrolment reject 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('POST /enrolments/:id/reject', { params: { id } });
      output.value({ ok: true });
      output.line('Refused.');
      return undefined;
    },
  );
}
