import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ClaimInfo, CreatedClaim } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { count, formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Copyable, Panel, Segments, Tag } from '../ui/widgets.tsx';
import { QrCode } from './qr-code.tsx';
import { isLocal, stepsOf, type Way, waysFor } from './ways.ts';

/** A claim that was just made: shown once, with what to do with it, until its devices are there. */
export function NewClaimView(props: {
  created: CreatedClaim;
  /** The same as the controller has it now. */
  now: ClaimInfo | undefined;
  onDone: () => void;
}): JSX.Element {
  const { created, now } = props;
  const ways = waysFor(created.claim);
  const [way, setWay] = useState<Way>(ways[0]?.[0] ?? 'package');
  return (
    <Panel
      title={`Claim ${created.name}`}
      icon="chip"
      class="new-claim"
      aside={
        <button type="button" class="button" onClick={props.onDone}>
          Create another
        </button>
      }
    >
      <div class="new-claim-columns">
        <QrCode text={created.claim} label={`QR code of the claim ${created.name}`} />
        <div class="new-claim-steps">
          <p>
            Copy it now. You cannot see it again. It enrols {count(created.count, 'device')} until{' '}
            {formatTime(created.expiresMs)}.
          </p>
          <p class="secret">
            <Copyable text={created.claim} label="the claim">
              {created.claim}
            </Copyable>
          </p>
          <Segments label="Way to install" options={ways} chosen={way} choose={setWay} />
          {isLocal(created.claim) && (
            <p>
              Only devices on this computer can reach this controller. For boards on a network, start{' '}
              <code>goshawk controller</code> with <code>devices.names</code> in its settings.
            </p>
          )}
          <WaySteps way={way} claim={created.claim} />
        </div>
      </div>
      <Arrivals created={created} now={now} />
    </Panel>
  );
}

function WaySteps({ way, claim }: { way: Way; claim: string }): JSX.Element {
  return (
    <ol class="way-steps">
      {stepsOf(way, claim).map(({ says, command }) => (
        <li key={says}>
          {says}
          <pre>{command}</pre>
        </li>
      ))}
    </ol>
  );
}

/** Who came with it, and whether it is heard already. */
function Arrivals({ created, now }: { created: CreatedClaim; now: ClaimInfo | undefined }): JSX.Element {
  const fleet = useValue(useSession().fleet.state);
  const online = new Set(
    fleet.phase === 'ready' ? fleet.devices.filter((device) => device.online).map(({ id }) => id) : [],
  );
  const devices = now?.devices ?? [];
  const missing = created.count - devices.length;
  return (
    <ul class="arrivals" aria-label="Devices of this claim">
      {devices.map((id) => (
        <li key={id}>
          <Icon name={online.has(id) ? 'check' : 'chip'} />
          <a href={formatRoute(['devices', id])}>{id}</a>{' '}
          <Tag tone={online.has(id) ? 'ok' : 'idle'}>
            {online.has(id) ? 'Online' : 'Enrolled, not online yet'}
          </Tag>
        </li>
      ))}
      {missing > 0 && (
        <li>
          <span class="spinner" aria-hidden="true" />
          <span role="status">
            Waiting for {devices.length === 0 ? count(missing, 'device') : `${missing} more`}…
          </span>
        </li>
      )}
    </ul>
  );
}
