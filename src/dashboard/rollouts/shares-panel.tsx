import type { JSX } from 'preact';
import type { CameraShareInfo, DeviceShareInfo } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { formatRoute } from '../state/route.ts';
import { Panel, Problem, Table } from '../ui/widgets.tsx';
import { ShareBar } from './share-bar.tsx';
import { askedPercent } from './standing.ts';

/** All tests of two versions at once: on the cameras of devices, and on devices. */
export function SharesPanel(): JSX.Element {
  const cameras = useAnswer(request('GET /shares'), 10_000);
  const devices = useAnswer(request('GET /device-shares'), 10_000);
  const failure = cameras.failure ?? devices.failure;
  const ofCameras = cameras.data?.shares ?? [];
  const ofDevices = devices.data?.shares ?? [];
  const retry = () => {
    cameras.reload();
    devices.reload();
  };
  return (
    <>
      {failure && <Problem failure={failure} retry={retry} />}
      {ofCameras.length + ofDevices.length > 0 && <Shares cameras={ofCameras} devices={ofDevices} />}
    </>
  );
}

function Shares({
  cameras,
  devices,
}: {
  cameras: readonly CameraShareInfo[];
  devices: readonly DeviceShareInfo[];
}): JSX.Element {
  return (
    <Panel title="Two versions at once" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Test', 'Divides', 'A', 'B', 'Shares']}>
          {cameras.map(({ of, slot, a, b, waits, asked }) => (
            <tr key={`${of} ${slot}`}>
              <th scope="row">
                <a href={formatRoute(['rollouts', 'cameras', of], { slot })}>{of}</a>
              </th>
              <td>cameras, by slot {slot}</td>
              <td>main</td>
              <td>{[...new Set(asked.map(({ model }) => `${model.name} ${model.version}`))].join(', ')}</td>
              <td>
                <ShareBar standing={{ b, waits, all: a + b + waits, asked: askedPercent(asked) }} />
              </td>
            </tr>
          ))}
          {devices.map(({ by, of, slot, sides }) => (
            <tr key={`${of} ${slot} ${by}`}>
              <th scope="row">
                <a href={formatRoute(['rollouts', 'devices', of], { slot })}>{of}</a>
              </th>
              <td>{by === 'share' ? 'devices, by share' : 'devices, by label'}</td>
              {[0, 1].map((at) => (
                <td key={at}>{sides[at] && `${sides[at].model.name} ${sides[at].model.version}`}</td>
              ))}
              <td>
                {sides.map(({ name, run, devices: own }) => `${name}: ${run} of ${own} run it`).join('; ')}
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}
