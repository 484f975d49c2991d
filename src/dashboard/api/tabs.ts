/** Messages between tabs of one dashboard; other sites cannot read them, and they are not stored. */
type Saying =
  | { readonly kind: 'ask' }
  | { readonly kind: 'session'; readonly token: string }
  | { readonly kind: 'end'; readonly token: string };

export interface Tabs {
  /** Asks the tabs that are open for their session. */
  ask(): void;
  /** Ends this session in all of them: one that is left open would give it to the next new tab. */
  end(token: string): void;
}

/** Joins the tabs of the dashboard at this address. */
export function joinTabs(on: {
  /** The session of this tab, for one that asks. */
  session: () => string | undefined;
  offered: (token: string) => void;
  ended: (token: string) => void;
}): Tabs {
  const channel = new BroadcastChannel(`goshawk ${location.pathname}`);
  const say = (saying: Saying): void => channel.postMessage(saying);
  channel.onmessage = ({ data }: MessageEvent<Saying>) => {
    if (data.kind === 'session') on.offered(data.token);
    if (data.kind === 'end') on.ended(data.token);
    const session = on.session();
    if (data.kind === 'ask' && session !== undefined) say({ kind: 'session', token: session });
  };
  return { ask: () => say({ kind: 'ask' }), end: (token) => say({ kind: 'end', token }) };
}
