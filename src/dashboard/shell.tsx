import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { accessScopeWords, type Me } from '../api/index.ts';
import { signOut } from './api/token.ts';
import { useValue } from './observable/value.ts';
import { Palette } from './palette/palette.tsx';
import { maySee, settingsParts } from './settings/parts.ts';
import { useSession } from './state/app.ts';
import { dismiss, notices } from './state/notice.ts';
import { formatRoute, route } from './state/route.ts';
import { useNow } from './state/use-element.ts';
import { count, formatDuration, formatTime } from './ui/format.ts';
import { Icon, type IconName, Mark } from './ui/icons.tsx';
import { theme, toggleTheme } from './ui/theme.ts';

const places: readonly { name: string; path: readonly string[]; icon: IconName }[] = [
  { name: 'Now', path: [], icon: 'now' },
  { name: 'Cameras', path: ['cameras'], icon: 'camera' },
  { name: 'Devices', path: ['devices'], icon: 'fleet' },
  { name: 'Drift', path: ['drift'], icon: 'drift' },
  { name: 'Models', path: ['models'], icon: 'models' },
  { name: 'Rollouts', path: ['rollouts'], icon: 'rollout' },
  { name: 'Data', path: ['data'], icon: 'data' },
  { name: 'Activity', path: ['activity'], icon: 'events' },
  { name: 'Settings', path: ['settings'], icon: 'settings' },
];

export function TopBar(): JSX.Element {
  const { me } = useSession();
  const here = useValue(route).path[0];
  const dark = useValue(theme) === 'dark';
  const nav = useRef<HTMLElement>(null);
  // Where the pages have no room side by side, the one that is shown is in sight.
  useEffect(() => {
    const link = nav.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (link) nav.current?.scrollTo({ left: link.offsetLeft - nav.current.clientWidth / 2 });
  }, [here]);
  return (
    <header class="top">
      <a class="brand" href={formatRoute([])}>
        <Mark />
        <span>Goshawk</span>
      </a>
      <nav class="nav" aria-label="Pages" ref={nav}>
        {places.map((place) => (
          <a
            key={place.name}
            class="nav-link"
            href={formatRoute(place.path)}
            aria-current={place.path[0] === here ? 'page' : undefined}
          >
            <Icon name={place.icon} />
            <span>{place.name}</span>
            {place.icon === 'now' && <Firing />}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <LineState />
        <Palette pages={[...places, ...settingsOf(me)]} />
        <span class="who" title={tokenTitle(me)}>
          {me.name}{' '}
          <span class="sub">
            {me.role}
            {me.scope && ` of ${accessScopeWords(me.scope)}`}
          </span>
        </span>
        <a
          class="button-icon"
          href="/docs/"
          target="_blank"
          rel="noreferrer"
          aria-label="Documentation"
          title="Documentation"
        >
          <Icon name="help" />
        </a>
        <button
          type="button"
          class="button-icon"
          aria-label={dark ? 'Use the light colours' : 'Use the dark colours'}
          title={dark ? 'Light' : 'Dark'}
          onClick={toggleTheme}
        >
          <Icon name={dark ? 'sun' : 'moon'} />
        </button>
        <button
          type="button"
          class="button-icon"
          aria-label="Sign out"
          title="Sign out"
          onClick={() => signOut()}
        >
          <Icon name="exit" />
        </button>
      </div>
    </header>
  );
}

/** Parts of the page Settings that this role sees, for the palette. */
function settingsOf(me: Me) {
  return settingsParts
    .filter((one) => maySee(me, one))
    .map(({ part, name }) => ({ name: `Settings: ${name}`, path: ['settings', part] }));
}

/** Who is signed in, and how to become more. */
function tokenTitle({ tokenId, name, role, scope }: Me): string {
  const who = isPerson({ tokenId }) ? 'You are' : 'Your token is';
  const part = scope && ` ${who} limited to ${accessScopeWords(scope)}.`;
  if (isPerson({ tokenId })) return `${name}, role ${role}.${part ?? ''}`;
  const signedIn = `Token ${name}, role ${role}.${part ?? ''}`;
  return role === 'admin' || scope !== undefined
    ? signedIn
    : `${signedIn} To do more, sign in with the admin's token: admin.token in the data folder of the controller.`;
}

/** Signed in at a provider, without a token. */
function isPerson({ tokenId }: Pick<Me, 'tokenId'>): boolean {
  return tokenId.startsWith('oidc:');
}

/** Alerts that fire, beside the page that shows them. */
function Firing(): JSX.Element | null {
  const firing = useValue(useSession().fleet.summary)?.alertsFiring ?? 0;
  if (firing === 0) return null;
  return (
    <span class="nav-count" title={count(firing, 'alert')}>
      {firing > 99 ? '99+' : firing}
      <span class="off-screen"> {firing === 1 ? 'alert' : 'alerts'}</span>
    </span>
  );
}

function LineState(): JSX.Element {
  const { state } = useValue(useSession().fleet.connection);
  const words = { live: 'Live', connecting: 'Connecting', lost: 'No connection' }[state];
  return (
    <span class={`line line-${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      <span class="line-word">{words}</span>
    </span>
  );
}

/** What a reader must know before believing any number on the page. */
export function Banners(): JSX.Element {
  const { fleet, me } = useSession();
  const connection = useValue(fleet.connection);
  const summary = useValue(fleet.summary);
  return (
    <>
      {me.scope && (
        <p class="banner">
          <Icon name="tokens" />
          <span>
            {isPerson(me) ? 'You are' : 'Your token is'} limited to {accessScopeWords(me.scope)}. You see this
            part of the fleet alone.
          </span>
        </p>
      )}
      {connection.state === 'lost' && (
        <LostBanner retryAtMs={connection.retryAtMs} message={connection.failure.message} />
      )}
      {connection.state === 'live' && summary !== undefined && summary.broker !== 'online' && (
        <p class="banner banner-error" role="alert">
          <Icon name="warning" />
          <span>
            <b>The controller has no connection to the broker ({summary.broker}).</b> The page may be out of
            date. Devices keep their data and send it later.
          </span>
        </p>
      )}
      {connection.state === 'live' && summary?.storageFault && (
        <p class="banner banner-error" role="alert">
          <Icon name="error" />
          <span>
            <b>{summary.storageFault.message}</b> {summary.storageFault.remedy}
          </span>
        </p>
      )}
      {connection.state === 'live' && summary?.clockFault && (
        <p class="banner banner-error" role="alert">
          <Icon name="warning" />
          <span>
            <b>{summary.clockFault.message}</b> {summary.clockFault.remedy}
          </span>
        </p>
      )}
    </>
  );
}

function LostBanner({ retryAtMs, message }: { retryAtMs: number; message: string }): JSX.Element {
  const { fleet } = useSession();
  const heard = useValue(fleet.heardMs);
  const now = useNow(1000);
  return (
    <div class="banner banner-error" role="alert">
      <Icon name="offline" />
      <span>
        <b>{message}</b>{' '}
        {heard === undefined ? 'No data received yet.' : `This page shows the state of ${formatTime(heard)}.`}
      </span>
      <span class="banner-end" aria-live="off">
        {retryAtMs > now ? `Retrying in ${formatDuration(retryAtMs - now)}` : 'Trying…'}
        <button type="button" class="button" onClick={() => fleet.retry()}>
          Try now
        </button>
      </span>
    </div>
  );
}

export function Notices(): JSX.Element {
  const list = useValue(notices);
  return (
    <div class="notices" aria-live="polite">
      {list.map((notice) => (
        <p key={notice.id} class={`notice notice-${notice.tone}`}>
          <Icon name={notice.tone === 'ok' ? 'check' : 'error'} />
          <span>{notice.text}</span>
          <button type="button" class="button-icon" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
            <Icon name="cross" />
          </button>
        </p>
      ))}
    </div>
  );
}
