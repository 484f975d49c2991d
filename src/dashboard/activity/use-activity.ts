import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { AuditEntry, FleetEvent } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import type { TimeWindow } from '../state/time-range.ts';
import { type ActivityFilter, sourcesOf } from './filter.ts';
import { mergeEvents } from './merge.ts';
import { type Activity, type Loaded, mergeActivity } from './stream.ts';

const pageSize = 100;
const nothing = { rows: [] };

export interface ActivityPages {
  readonly rows: readonly Activity[];
  readonly loading: boolean;
  readonly failure: Failure | undefined;
  /** Absent where all of it is there. */
  readonly loadOlder: (() => void) | undefined;
  readonly reload: () => void;
}

/** What happened, as the filter has it, with what comes in; the next page is fetched of the source that needs it. */
export function useActivity(filter: ActivityFilter, isAdmin: boolean): ActivityPages {
  const live = useValue(useSession().fleet.events);
  const asked = sourcesOf(filter, isAdmin);
  const [events, setEvents] = useState<Loaded<FleetEvent>>(nothing);
  const [audit, setAudit] = useState<Loaded<AuditEntry>>(nothing);
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [round, setRound] = useState(0);
  // All pages are of the same time, however long somebody reads.
  const times = useRef<Partial<TimeWindow>>({});

  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  const addEvents = async (known: Loaded<FleetEvent>): Promise<void> => {
    const page = await pageOfEvents(filter, times.current, known.next).send();
    setEvents({ rows: [...known.rows, ...page.events], next: page.next });
  };
  const addAudit = async (known: Loaded<AuditEntry>): Promise<void> => {
    const page = await pageOfAudit(filter, times.current, known.next).send();
    setAudit({ rows: [...known.rows, ...page.entries], next: page.next });
  };
  useEffect(() => {
    const { range } = filter;
    // The clock of a device may be ahead, so a span that ends now has no end.
    times.current = range?.window ?? (range === undefined ? {} : { fromMs: Date.now() - range.lengthMs });
    void attempt(() =>
      Promise.all([asked.events && addEvents(nothing), asked.audit && addAudit(nothing)]),
    ).then(() => setLoading(false));
  }, [round]);

  const shown = asked.events ? mergeEvents(events.rows, live, filter) : [];
  const { rows, more } = mergeActivity({ ...events, rows: shown }, audit);
  const loadOlder = () => void attempt(() => (more === 'device' ? addEvents(events) : addAudit(audit)));
  return {
    ...{ rows, loading, failure, reload: () => setRound(round + 1) },
    loadOlder: more === undefined ? undefined : loadOlder,
  };
}

function pageOfEvents(
  { device, severity, kind }: ActivityFilter,
  { fromMs: from, toMs: to }: Partial<TimeWindow>,
  before?: number,
) {
  const query = {
    ...{ severity: severity || undefined, kind: kind || undefined },
    ...{ from, to, limit: pageSize, before },
  };
  return device === ''
    ? request('GET /events', { query })
    : request('GET /devices/:id/events', { params: { id: device }, query });
}

function pageOfAudit(
  { device, kind, who }: ActivityFilter,
  { fromMs: from, toMs: to }: Partial<TimeWindow>,
  before?: number,
) {
  const query = { action: kind || undefined, target: device || undefined, actor: who || undefined };
  return request('GET /audit', { query: { ...query, from, to, limit: pageSize, before } });
}
