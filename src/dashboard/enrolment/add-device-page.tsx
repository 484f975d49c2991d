import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { signOut } from '../api/token.ts';
import type { CreatedClaim } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { ClaimForm } from './claim-form.tsx';
import { ClaimTable } from './claim-table.tsx';
import { NewClaimView } from './new-claim.tsx';
import { WaitingDevices } from './waiting-devices.tsx';

/** How often the page looks whether somebody came. */
const everyMs = 3000;

/** From nothing to a device in the fleet: a claim, three ways to bring it to the device, and waiting until it is there. */
export function AddDevicePage(): JSX.Element {
  const { me } = useSession();
  return (
    <>
      <header class="page-head">
        <h1>Add a device</h1>
      </header>
      {mayActAs(me, 'admin') ? <Claims /> : <NeedsAdmin name={me.name} role={me.role} />}
    </>
  );
}

/** Who may not make claims learns what to do; the address that signed in stays one that can be shown to others. */
function NeedsAdmin({ name, role }: { name: string; role: string }): JSX.Element {
  return (
    <Empty icon="chip" title="An admin adds devices">
      <p>
        You are signed in as {name}, whose role is {role}. A new device gets a certificate of the fleet, so
        you need the admin’s token. It is in <code>admin.token</code> in the data folder of the controller;{' '}
        <code>npm start</code> and <code>goshawk controller</code> print its location.
      </p>
      <p>
        <button type="button" class="button button-main" onClick={() => signOut()}>
          Sign in as admin
        </button>
      </p>
    </Empty>
  );
}

function Claims(): JSX.Element {
  const claims = useAnswer(request('GET /claims'), everyMs);
  const waiting = useAnswer(request('GET /enrolments'), everyMs);
  const [created, setCreated] = useState<CreatedClaim | undefined>(undefined);
  const { data } = claims;
  return (
    <>
      {claims.failure && data === undefined && <Problem failure={claims.failure} retry={claims.reload} />}
      {claims.loading && data === undefined && <Loading what="claims" />}
      {data?.open === false && <NotOpen />}
      {data?.open && (
        <>
          {created === undefined ? (
            <Panel title="A claim for new devices" icon="chip">
              <ClaimForm onCreated={setCreated} />
            </Panel>
          ) : (
            <NewClaimView
              created={created}
              now={data.claims.find(({ id }) => id === created.id)}
              onDone={() => setCreated(undefined)}
            />
          )}
          <WaitingDevices enrolments={waiting.data?.enrolments ?? []} onChanged={waiting.reload} />
          <ClaimTable claims={data.claims} onChanged={claims.reload} />
        </>
      )}
    </>
  );
}

function NotOpen(): JSX.Element {
  return (
    <Empty icon="chip" title="This controller does not enrol devices yet">
      <p>Add the names or addresses under which devices reach it to its settings, and restart it:</p>
      <pre>{'"devices": { "names": ["fleet.example"] }'}</pre>
      <p>
        It then listens on port 8443 and creates a certificate authority, and you create claims on this page.
        Until then, a device needs the broker's address and a certificate or password in its settings.
      </p>
    </Empty>
  );
}
