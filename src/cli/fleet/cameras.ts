import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CameraChange } from '../../api/index.ts';
import { defined, fromBase64 } from '../../base/index.ts';
import { type CameraLogin, cameraPassword } from '../camera-password.ts';
import { examples, finish } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

/** Cameras of a device that are added beside those of its settings file, where that allows it. */
export function addFleetCameras(camera: Command): void {
  addAdd(camera);
  addRename(camera);
  addRemove(camera);
}

interface AddOptions extends Target, CameraLogin {
  readonly picture?: string;
  readonly yes?: boolean;
}

function addAdd(camera: Command): void {
  finish<AddOptions>(
    fleetCommand(camera, 'add', 'add a camera to a device of the fleet, after a test picture')
      .argument('<device>', 'id of the device')
      .argument('<name>', 'of the camera, for example yard')
      .argument('<source>', 'rtsp://host/path, http://host/path (MJPEG) or v4l2:/dev/video0')
      .option('--username <name>', 'of the camera; type the password at the prompt')
      .option('--password-file <file>', 'file with the password alone')
      .option('--picture <file>', 'write the test picture there, as JPEG')
      .option('--yes', 'do not ask after the test picture')
      .addHelpText(
        'after',
        examples(
          'camera add truck-7 yard rtsp://10.0.0.5/stream1 --username goshawk --picture yard.jpg',
          'camera add truck-7 cabin v4l2:/dev/video2 --yes',
        ),
      ),
    async ({ output }, options, [device = '', name = '', source = '']) => {
      const { username, picture, yes = false } = options;
      const password = await cameraPassword(options);
      const client = connect(options);
      output.note('The device connects to the camera; this takes up to half a minute.');
      const { trial, jpeg, ...seen } = await client.call('POST /devices/:id/camera-trials', {
        params: { id: device },
        body: { source, ...defined({ username, password }) },
      });
      output.note(
        `A picture of ${seen.width}x${seen.height} after ${output.words({ durationMs: seen.tookMs })}.`,
      );
      if (picture !== undefined) await writeFile(picture, fromBase64(jpeg));
      if (!yes) await confirm(`Add ${name} to ${device}?`);
      const change = await client.call('POST /devices/:id/cameras', {
        params: { id: device },
        body: { name, trial },
      });
      output.value({ ok: true, device, camera: name, ...seen, ...change });
      output.line(`${device} has the camera ${name}.`);
      printChange(output, change);
      return undefined;
    },
  );
}

function addRename(camera: Command): void {
  finish<Target>(
    fleetCommand(camera, 'rename', 'rename a camera that was added')
      .argument('<device>', 'id of the device')
      .argument('<name>', 'of the camera')
      .argument('<new-name>', 'that it gets')
      .addHelpText('after', examples('camera rename truck-7 yard gate')),
    async ({ output }, options, [device = '', name = '', to = '']) => {
      const change = await connect(options).call('PUT /devices/:id/cameras/:camera/name', {
        params: { id: device, camera: name },
        body: { name: to },
      });
      output.value({ ok: true, device, camera: to, ...change });
      output.line(`${name} of ${device} is now ${to}.`);
      printChange(output, change);
      return undefined;
    },
  );
}

function addRemove(camera: Command): void {
  finish<Target & { yes?: boolean }>(
    fleetCommand(camera, 'remove', 'remove a camera that was added')
      .argument('<device>', 'id of the device')
      .argument('<name>', 'of the camera')
      .option('--yes', 'do not ask')
      .addHelpText('after', examples('camera remove truck-7 yard')),
    async ({ output }, { yes = false, ...target }, [device = '', name = '']) => {
      if (!yes) await confirm(`Remove the camera ${name} from ${device}?`);
      const change = await connect(target).call('DELETE /devices/:id/cameras/:camera', {
        params: { id: device, camera: name },
      });
      output.value({ ok: true, device, camera: name, ...change });
      output.line(`${device} no longer has the camera ${name}.`);
      printChange(output, change);
      return undefined;
    },
  );
}

function printChange(output: Output, { restarts }: CameraChange): void {
  output.line(
    restarts
      ? 'Its agent restarts now to take up the change.'
      : 'The change takes effect when you restart its agent.',
  );
}
