import { type Command, Option } from 'commander';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { requestFields } from './request-fields.ts';
import { robotAnswer } from './robot-answer.ts';

export function robotCommands(program: Command): void {
  const robot = program.command('robot').description('services of the robot that carries a device');
  interface Options extends Target {
    readonly on?: boolean;
    readonly off?: boolean;
    readonly with?: string;
  }
  finish<Options>(
    fleetCommand(
      robot,
      'call',
      'call a service of a robot, one of those that the settings of its device name',
    )
      .argument('<id>', 'device')
      .argument('<service>', 'its name in ros.bridge.services')
      .addOption(new Option('--on', 'switch a service on').conflicts('off'))
      .option('--off', 'off')
      .option('--with <json>', 'the fields of its request')
      .addHelpText(
        'after',
        examples(
          'robot call truck-7 dock',
          'robot call truck-7 lights --off',
          `robot call truck-7 drive-to --with '{"station": 3}'`,
        ),
      ),
    async ({ output }, { on, off, with: fields, ...target }, [id = '', service = '']) => {
      const switched = on === true ? { on: true } : off === true ? { on: false } : {};
      const answer = await connect(target).call('POST /devices/:id/robot', {
        params: { id },
        body: { service, ...switched, ...(fields === undefined ? {} : { request: requestFields(fields) }) },
      });
      output.value(answer);
      for (const line of robotAnswer(answer)) output.line(line);
      return answer.success === false ? 1 : undefined;
    },
  );
}
