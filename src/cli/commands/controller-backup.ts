import type { Command } from 'commander';
import { byteWords, counted } from '../../base/index.ts';
import { runBackup, runMigration, runRestore } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import type { Output } from '../output.ts';

export function backupCommands(controller: Command): void {
  addBackup(controller);
  addRestore(controller);
  addMigrate(controller);
}

function addBackup(controller: Command): void {
  finish<{ readonly config: string; readonly to: string }>(
    controller
      .command('backup')
      .description('copy database, keys and model bundles into a new folder; the controller may run')
      .requiredOption('--config <file>', 'settings of the controller')
      .requiredOption('--to <folder>', 'a folder that does not exist yet; it will hold secrets')
      .addHelpText(
        'after',
        examples('controller backup --config /etc/goshawk/controller.json --to /backup/goshawk-monday'),
      ),
    async ({ output }, { config, to }) => {
      const result = await runBackup(config, to);
      output.value({ type: 'backup', ...result });
      output.line(
        `Backup: ${result.folder}: ${filesAndBytes(result)}, checked${result.devices === undefined ? '' : `; devices: ${result.devices}`}`,
      );
      noteWithout(output, result.without);
      return undefined;
    },
  );
}

function addRestore(controller: Command): void {
  finish<{ readonly config: string; readonly from: string; readonly replace?: boolean }>(
    controller
      .command('restore')
      .description('put a backup in the place of the data folder; the controller must be stopped')
      .requiredOption('--config <file>', 'settings of the controller')
      .requiredOption('--from <folder>', 'a folder that goshawk controller backup made')
      .option(
        '--replace',
        'restore although the data folder holds a controller already; its files are kept beside',
      )
      .addHelpText(
        'after',
        examples('controller restore --config /etc/goshawk/controller.json --from /backup/goshawk-monday'),
      ),
    async ({ output }, { config, from, replace }) => {
      const result = await runRestore(config, from, replace === true);
      output.value({ type: 'restored', ...result });
      output.line(`Restored: ${filesAndBytes(result)}, made ${output.words({ timeMs: result.createdMs })}`);
      if (result.former !== undefined)
        output.line(`The previous files are in ${result.former}; delete them when you no longer need them.`);
      noteWithout(output, result.without);
      return undefined;
    },
  );
}

function addMigrate(controller: Command): void {
  finish<{ readonly config: string }>(
    controller
      .command('migrate')
      .description(
        'copy the SQLite database of the data folder into PostgreSQL; the controller must be stopped',
      )
      .requiredOption('--config <file>', 'settings of the controller, with the new database in database.url')
      .addHelpText('after', examples('controller migrate --config /etc/goshawk/controller.json')),
    async ({ output }, { config }) => {
      const tables = await runMigration(config, (what, total) => output.progress(what, total));
      output.value({ type: 'migrated', tables });
      for (const { table, rows, checksum } of tables)
        output.line(`${table.padEnd(16)}${String(rows).padStart(12)}  ${checksum}`);
      output.line(
        'Both databases have the same rows. Start the controller; the SQLite database stays as it is.',
      );
      return undefined;
    },
  );
}

function filesAndBytes({ files, bytes }: { readonly files: number; readonly bytes: number }): string {
  return `${counted(files, 'file')}, ${byteWords(bytes)}`;
}

function noteWithout(output: Output, without: readonly string[]): void {
  for (const one of without) output.note(`Not in the backup: ${one}.`);
}
