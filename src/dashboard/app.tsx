import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { ActivityPage } from './activity/activity-page.tsx';
import { request } from './api/client.ts';
import { offeredToken, seeking, signOut, token } from './api/token.ts';
import type { Me } from './api/types.ts';
import { useAnswer } from './api/use-answer.ts';
import { CameraPage } from './cameras/camera-page.tsx';
import { CamerasPage } from './cameras/cameras-page.tsx';
import { DataPage } from './data/data-page.tsx';
import { DevicePage } from './device/device-page.tsx';
import { DriftPage } from './drift/drift-page.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { ComparePage } from './models/compare-page.tsx';
import { ModelsPage } from './models/models-page.tsx';
import { NowPage } from './now/now-page.tsx';
import { useValue } from './observable/value.ts';
import { NewRolloutPage } from './rollouts/new-rollout-page.tsx';
import { RolloutPage } from './rollouts/rollout-page.tsx';
import { RolloutsPage } from './rollouts/rollouts-page.tsx';
import { Login } from './session/login.tsx';
import { OtherSession } from './session/other-session.tsx';
import { SettingsPage } from './settings/settings-page.tsx';
import { Banners, Notices, TopBar } from './shell.tsx';
import { SessionContext } from './state/app.ts';
import { Fleet } from './state/fleet.ts';
import { formatRoute, route } from './state/route.ts';
import { Empty, Loading, Problem } from './ui/widgets.tsx';

export function App(): JSX.Element {
  const bearer = useValue(token);
  const offered = useValue(offeredToken);
  const waits = useValue(seeking);
  if (offered !== undefined) return <OtherSession />;
  if (waits && bearer === undefined) return <Loading what="the dashboard" />;
  return bearer === undefined ? <Login /> : <SignedIn key={bearer} />;
}

function SignedIn(): JSX.Element {
  const answer = useAnswer(request('GET /me'));
  // Without a controller there is nobody to ask who we are: the question is repeated until there is.
  const away = answer.failure !== undefined && answer.data === undefined;
  useEffect(() => {
    if (!away) return;
    const timer = setTimeout(answer.reload, 3000);
    return () => clearTimeout(timer);
  }, [away, answer.failure]);
  if (answer.data?.role === 'device') return <ForDevices />;
  if (answer.data !== undefined) return <Shell me={answer.data} />;
  return (
    <main class="page">
      {answer.failure ? (
        <Problem failure={answer.failure} retry={answer.reload} />
      ) : (
        <Loading what="the dashboard" />
      )}
    </main>
  );
}

function ForDevices(): JSX.Element {
  return (
    <main class="page">
      <Empty icon="tokens" title="This token is for devices">
        <p>It can only download models. Sign in with a viewer's, operator's or admin's token.</p>
        <button type="button" class="button" onClick={() => signOut()}>
          Sign in with another token
        </button>
      </Empty>
    </main>
  );
}

function Shell({ me }: { me: Me }): JSX.Element {
  const fleet = useMemo(() => new Fleet(), []);
  useEffect(() => {
    fleet.start();
    return () => fleet.close();
  }, [fleet]);
  const session = useMemo(() => ({ me, fleet }), [me, fleet]);
  const lost = useValue(fleet.connection).state === 'lost';
  return (
    <SessionContext.Provider value={session}>
      <button type="button" class="skip" onClick={focusContent}>
        Skip to the content
      </button>
      <TopBar />
      <Banners />
      <main id="content" class={`page${lost ? ' page-stale' : ''}`} tabIndex={-1}>
        <Page />
      </main>
      <Notices />
    </SessionContext.Provider>
  );
}

function focusContent(): void {
  document.getElementById('content')?.focus();
}

function Page(): JSX.Element {
  const { path } = useValue(route);
  const [first, second, third] = path;
  useEffect(() => {
    document.title = third ?? second ?? first ?? 'Goshawk';
    scrollTo(0, 0);
  }, [first, second, third]);
  if (first === undefined) return <NowPage />;
  if (first === 'devices' && second !== undefined) return <DevicePage key={second} id={second} />;
  if (first === 'devices') return <FleetPage />;
  if (first === 'cameras' && second !== undefined && third !== undefined)
    return <CameraPage key={`${second}/${third}`} device={second} camera={third} />;
  if (first === 'cameras') return <CamerasPage />;
  if (first === 'drift') return <DriftPage />;
  if (first === 'data') return <DataPage />;
  if (first === 'activity') return <ActivityPage />;
  if (first === 'rollouts' && second === 'new') return <NewRolloutPage />;
  if (first === 'rollouts' && second !== undefined) return <RolloutPage key={second} id={second} />;
  if (first === 'rollouts') return <RolloutsPage />;
  if (first === 'models' && second === 'compare') return <ComparePage />;
  if (first === 'models') return <ModelsPage />;
  if (first === 'settings') return <SettingsPage key={second} />;
  return (
    <>
      <h1 class="off-screen">Page not found</h1>
      <Empty icon="search" title="Page not found">
        <a href={formatRoute([])}>Go to the first page</a>
      </Empty>
    </>
  );
}
