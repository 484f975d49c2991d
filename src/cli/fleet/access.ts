import type { Command } from 'commander';
import type { Role } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatTime } from './format.ts';

export function addAccess(fleet: Command): void {
  finish<Target>(fleetCommand(fleet, 'tokens', 'who may ask the controller'), async ({ output }, options) => {
    const list = await connect(options).call('GET /tokens');
    output.value(list);
    output.table(
      ['id', 'name', 'role', 'created', 'by', 'last used'],
      list.tokens.map((token) => [
        token.id,
        token.name,
        token.role,
        formatTime(token.createdMs),
        token.createdBy,
        formatTime(token.lastUsedMs),
      ]),
    );
    return undefined;
  });
  finish<Target & { name: string; role: Role }>(
    fleetCommand(fleet, 'create-token', 'a new token; it is shown once')
      .requiredOption('--name <name>', 'for whom or what')
      .requiredOption('--role <role>', 'viewer, operator, admin or device'),
    async ({ output }, options) => {
      const { name, role } = options;
      const created = await connect(options).call('POST /tokens', { body: { name, role } });
      output.value(created);
      output.line(created.token);
      output.note('Keep it now: only its hash is stored.');
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(fleet, 'revoke-token', 'a token stops working at once').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('DELETE /tokens/:id', { params: { id } });
      output.value({ ok: true });
      output.line(`Token ${id} is revoked.`);
      return undefined;
    },
  );
  finish<Target & { check?: boolean; limit: number }>(
    fleetCommand(fleet, 'audit', 'who did what, newest first')
      .option('--check', 'verify that no entry was changed or removed')
      .option('--limit <n>', 'how many at most', parseCount(), 100),
    async ({ output }, options) => {
      const client = connect(options);
      if (options.check === true) {
        const check = await client.call('GET /audit/check');
        output.value(check);
        output.line(
          check.intact
            ? `${check.entries} entries, intact.`
            : `Changed or cut at entry ${check.brokenAt ?? '?'}.`,
        );
        return check.intact ? 0 : 1;
      }
      const list = await client.call('GET /audit', { query: { limit: options.limit } });
      output.value(list);
      output.table(
        ['time', 'who', 'what', 'target', 'result'],
        list.entries.map((entry) => [
          formatTime(entry.timeMs),
          entry.actor,
          entry.action,
          entry.target,
          entry.result,
        ]),
      );
      return undefined;
    },
  );
}
