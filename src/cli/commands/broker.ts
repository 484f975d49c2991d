import { type Command, InvalidArgumentError } from 'commander';
import { defined } from '../../base/index.ts';
import { type BrokerKind, brokerConfig, brokerKinds, runBroker } from '../../runtime/index.ts';
import { examples, finish, parseCount } from '../command.ts';

interface ConfigOptions {
  readonly for: BrokerKind;
  readonly config: string;
  readonly folder?: string;
  readonly out?: string;
}

export function brokerCommands(program: Command): void {
  const broker = program.command('broker').description('the MQTT broker of the fleet');
  addRun(broker);
  addConfig(broker);
}

function addRun(broker: Command): void {
  finish<{ readonly port: number }>(
    broker
      .command('run')
      .description(
        'run the built-in broker to try things on this machine: it has no accounts and stores no messages',
      )
      .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', parseCount(0), 1883)
      .addHelpText('after', examples('broker run', 'broker run --port 1884')),
    async ({ output, signal }, { port }) => {
      const program = {
        ...{ port, signal, prettyLog: process.stderr.isTTY === true },
        logLevel: output.debug ? ('debug' as const) : ('warn' as const),
      };
      await runBroker(program, ({ url }) => {
        output.line(`Broker: ${url}`);
        output.line(
          'No authentication, no persistence: for local tests only. For devices, see docs/brokers.md.',
        );
        output.value({ type: 'started', url });
      });
      return 0;
    },
  );
}

function addConfig(broker: Command): void {
  finish<ConfigOptions>(
    broker
      .command('config')
      .description('settings of a broker: TLS, who is who by certificate, and what each may do')
      .requiredOption('--for <broker>', `${brokerKinds.join(', ')}; emqx was not tried`, parseKind)
      .requiredOption('--config <file>', 'settings of the controller')
      .option('--folder <folder>', 'folder where the broker finds its files (default: /etc/<broker>/goshawk)')
      .option('--out <folder>', 'write the files there (default: print them)')
      .addHelpText(
        'after',
        examples('broker config --for mosquitto --config /etc/goshawk/controller.json --out /tmp/mosquitto'),
      ),
    async ({ output }, options) => {
      const files = await brokerConfig({
        ...{ kind: options.for, configFile: options.config },
        ...defined({ folder: options.folder, out: options.out }),
      });
      output.value({ type: 'broker-config', files });
      for (const { name, text } of files)
        output.line(options.out === undefined ? `### ${name}\n${text}` : `${options.out}/${name}`);
      return undefined;
    },
  );
}

function parseKind(text: string): BrokerKind {
  const kind = brokerKinds.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new InvalidArgumentError(`It is one of ${brokerKinds.join(', ')}.`);
}
