import type { Command } from 'commander';
import { defined, InputError } from '../../base/index.ts';
import { giveClaim, readSecretFile } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';

interface Options {
  readonly config: string;
  readonly claim?: string;
  readonly claimFile?: string;
  readonly keepBroker?: boolean;
}

export function enrolCommand(program: Command): void {
  finish<Options>(
    program
      .command('enrol')
      .description(
        'give a claim to the agent of this device, with which it asks the controller for a certificate',
      )
      .requiredOption('--config <file>', 'settings file of the agent; enrolment writes to it')
      .option('--claim <claim>', 'the claim that `goshawk claim create` printed')
      .option(
        '--claim-file <file>',
        'file with the claim; other users can read arguments in the process list',
      )
      .option('--keep-broker', 'the settings keep their broker; without it the controller names it')
      .addHelpText('after', examples('enrol --config /etc/goshawk/agent.json --claim-file claim.token')),
    async ({ output }, { config, claim, claimFile, keepBroker }) => {
      const text = claim ?? (claimFile === undefined ? undefined : await readSecretFile(claimFile));
      if (text === undefined)
        throw new InputError('claim-missing', 'You gave no claim.', 'Give --claim-file FILE, or --claim.');
      const place = await giveClaim({
        ...{ configFile: config, claim: text },
        ...defined({ keepBroker }),
      });
      output.value({ type: 'claim-given', ...place });
      output.line(`The claim is in ${place.claimFile}.`);
      if (place.droppedBroker !== undefined)
        output.note(`The settings named the broker ${place.droppedBroker}; from now on the controller does.`);
      output.note('Restart the agent: systemctl restart goshawk-agent');
      return undefined;
    },
  );
}
