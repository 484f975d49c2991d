import { type Command, InvalidArgumentError } from 'commander';
import { type BrokerKind, brokerConfig, brokerKinds } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';

interface Options {
  readonly for: BrokerKind;
  readonly config: string;
  readonly folder?: string;
  readonly out?: string;
}

export function brokerCommands(program: Command): void {
  const broker = program.command('broker').description('the MQTT broker of the fleet');
  finish<Options>(
    broker
      .command('config')
      .description('settings of a broker: TLS, who is who by certificate, and what each may do')
      .requiredOption('--for <broker>', `${brokerKinds.join(', ')}; mosquitto alone was tried`, parseKind)
      .requiredOption('--config <file>', 'settings of the controller')
      .option('--folder <folder>', 'where the broker finds its files; default /etc/<broker>/goshawk')
      .option('--out <folder>', 'write the files there; else they are printed')
      .addHelpText(
        'after',
        examples('broker config --for mosquitto --config /etc/goshawk/controller.json --out /tmp/mosquitto'),
      ),
    async ({ output }, options) => {
      const files = await brokerConfig({
        ...{ kind: options.for, configFile: options.config },
        ...(options.folder === undefined ? {} : { folder: options.folder }),
        ...(options.out === undefined ? {} : { out: options.out }),
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
