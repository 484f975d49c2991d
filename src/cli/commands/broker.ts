import type { Command } from 'commander';
import { runBroker } from '../../runtime/index.ts';
import { examples, finish, parseCount } from '../command.ts';

interface Options {
  readonly port: number;
}

export function brokerCommand(program: Command): void {
  finish<Options>(
    program
      .command('broker')
      .description('run the built-in broker to try things on this machine: no accounts, nothing is kept')
      .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', parseCount(0), 1883)
      .addHelpText('after', examples('broker', 'broker --port 1884')),
    async ({ output, signal }, { port }) => {
      const program = {
        ...{ port, signal, prettyLog: process.stderr.isTTY === true },
        logLevel: output.debug ? ('debug' as const) : ('warn' as const),
      };
      await runBroker(program, ({ url }) => {
        output.line(`Broker: ${url}`);
        output.line('It asks nobody who he is and keeps nothing: for real devices take one of docs/mqtt.md.');
        output.value({ type: 'started', url });
      });
      return 0;
    },
  );
}
