import { type Command, Option } from 'commander';
import { engineChoices } from '../../runtime/index.ts';
import { type ServeOptions, serveModels } from '../../workbench/index.ts';
import { collect, durationOption, examples, finish, parseCount, workPorts } from '../command.ts';
import { variantKinds } from './model.ts';

interface Options extends Omit<ServeOptions, 'waitSeconds' | 'listen'> {
  readonly wait: number;
  readonly listen?: readonly string[];
}

const defaultAddresses = ['http://127.0.0.1:8000', 'grpc://127.0.0.1:8001'];

export function serveCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('answer programs that send a picture: Open Inference Protocol (KServe v2), without a camera')
    .requiredOption(
      '--model <bundle>',
      'folder of the bundle; of several, each with its slot: --model main=bundle/ --model plate=plates/',
      collect,
    )
    .option(
      '--listen <address>',
      `http:// or grpc://, one of each; default: ${defaultAddresses.join(' and ')}; another host needs a token: http://0.0.0.0:8000#tokenFile=token.txt`,
      collect,
    )
    .addOption(durationOption('--wait <time>', 'how long a request may take', '10s'))
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .addOption(new Option('--variant <kind>', 'default: the best for the engine').choices(variantKinds))
    .option('--decoder-modules', 'let the module of a bundle run: it is code, so know who made it')
    .option('--threads <n>', 'threads of the network', parseCount(), 1)
    .addHelpText(
      'after',
      examples('serve --model bundle/', 'serve --model bundle/ --listen http://127.0.0.1:9000'),
    );
  finish<Options>(command, async (context, { wait, listen = defaultAddresses, ...options }) => {
    const { output } = context;
    await serveModels(
      { ...options, listen, waitSeconds: wait / 1000 },
      workPorts(context, 'warn'),
      (served) => {
        output.value({ type: 'started', ...served });
        for (const { name, version, engine } of served.models) output.line(`${name} ${version} on ${engine}`);
        output.line(`Answers at ${served.urls.join(' and ')}. Ctrl+C ends it.`);
      },
    );
    return 0;
  });
}
