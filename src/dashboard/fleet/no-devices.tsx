import type { JSX } from 'preact';
import { accessScopeWords } from '../../api/index.ts';
import { useValue } from '../observable/value.ts';
import { mayActOnFleet, useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { Empty } from '../ui/widgets.tsx';

/** How an empty fleet begins. */
export function NoDevices(): JSX.Element {
  const { me, fleet } = useSession();
  const broker = useValue(fleet.summary)?.broker;
  if (me.scope !== undefined)
    return (
      <Empty icon="chip" title="No device of your part of the fleet has reported yet">
        <p>Your token is limited to {accessScopeWords(me.scope)}.</p>
      </Empty>
    );
  return (
    <Empty icon="chip" title="No device has reported yet">
      {mayActOnFleet(me, 'admin') && (
        <p>
          <a class="button button-main" href={formatRoute(['settings', 'enrolment'])}>
            Add a device
          </a>
        </p>
      )}
      <p>Or start an agent with this fleet's broker in its settings:</p>
      <pre>goshawk agent --config agent.json</pre>
      <p>It appears here within seconds.</p>
      {broker !== undefined && broker !== 'online' && (
        <p class="tone-warning">
          The controller's own connection to the broker is {broker}, so it receives no data from devices.
        </p>
      )}
    </Empty>
  );
}
