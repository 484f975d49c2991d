import type { Command } from 'commander';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function addRobot(fleet: Command): void {
  interface Options extends Target {
    readonly on?: boolean;
    readonly off?: boolean;
  }
  finish<Options>(
    fleetCommand(
      fleet,
      'call-robot',
      'call a service of the robot that carries a device, of those that its settings name',
    )
      .argument('<id>', 'device')
      .argument('<service>', 'its name in ros.bridge.services')
      .option('--on', 'of a service that is switched: on')
      .option('--off', 'off')
      .addHelpText(
        'after',
        examples('fleet call-robot truck-7 dock', 'fleet call-robot truck-7 lights --off'),
      ),
    async ({ output }, { on, off, ...target }, [id = '', service = '']) => {
      const switched = on === true ? { on: true } : off === true ? { on: false } : {};
      const answer = await connect(target).call('POST /devices/:id/robot', {
        params: { id },
        body: { service, ...switched },
      });
      output.value(answer);
      output.line(
        `${answer.success ? 'done' : 'not done'}${answer.message === '' ? '' : `: ${answer.message}`}`,
      );
      return answer.success ? undefined : 1;
    },
  );
}
