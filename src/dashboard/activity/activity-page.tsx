import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { AuditCheck, Severity } from '../api/types.ts';
import { useSending } from '../api/use-sending.ts';
import { useValue } from '../observable/value.ts';
import { mayActOnFleet, useSession } from '../state/app.ts';
import { refine, route } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { formatNumber } from '../ui/format.ts';
import { RangeChoice } from '../ui/range-choice.tsx';
import { Choice, Empty, FilterField, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { AuditRow } from './audit-row.tsx';
import { EventRow } from './event-list.tsx';
import { type ActivityFilter, readFilter } from './filter.ts';
import { useActivity } from './use-activity.ts';

/** Everything that happened, newest first: what devices report, and for an admin what people did. */
export function ActivityPage(): JSX.Element {
  const { me, fleet } = useSession();
  const filter = readFilter(useValue(route).query);
  const change = (part: Partial<Omit<ActivityFilter, 'range'>>): void => refine(part);
  const isAdmin = mayActOnFleet(me, 'admin');
  const state = useValue(fleet.state);
  const devices = state.phase === 'ready' ? state.devices.map(({ id }) => id).sort() : [];
  return (
    <>
      <header class="page-head">
        <h1>Activity</h1>
        {isAdmin && <VerifyChain />}
      </header>
      <Panel title="Activity" icon="events" class="panel-flush">
        <div class="filters">
          {isAdmin && (
            <Choice
              label="From"
              value={filter.from}
              options={[
                ['', 'Devices and people'],
                ['devices', 'Devices'],
                ['people', 'People'],
              ]}
              onChange={(from) => change({ from: from as ActivityFilter['from'] })}
            />
          )}
          <Choice
            label="Severity"
            value={filter.severity}
            options={[
              ['', 'All'],
              ['warning', 'Warning and above'],
              ['error', 'Error and above'],
              ['critical', 'Critical'],
            ]}
            onChange={(severity) => change({ severity: severity as Severity | '' })}
          />
          <FilterField
            label="Kind"
            value={filter.kind}
            hint="deployment"
            onChange={(kind) => change({ kind })}
          />
          <FilterField
            label="Device"
            value={filter.device}
            hint="All"
            choices={devices}
            onChange={(device) => change({ device })}
          />
          {isAdmin && (
            <FilterField label="Person" value={filter.who} hint="All" onChange={(who) => change({ who })} />
          )}
          <RangeChoice label="Time" all />
        </div>
        <Stream key={JSON.stringify(filter)} filter={filter} isAdmin={isAdmin} />
      </Panel>
    </>
  );
}

function Stream({ filter, isAdmin }: { filter: ActivityFilter; isAdmin: boolean }): JSX.Element {
  const now = useNow(10_000);
  const { rows, loading, failure, loadOlder, reload } = useActivity(filter, isAdmin);
  const isFiltered = Object.values(filter).some((value) => value !== '' && value !== undefined);
  return (
    <>
      {failure && <Problem failure={failure} retry={reload} />}
      {loading && <Loading what="activity" />}
      {!loading && failure === undefined && rows.length === 0 && loadOlder === undefined && (
        <Empty icon="check" title={isFiltered ? 'No entry matches these filters' : 'No entries yet'} />
      )}
      <ol class="event-list">
        {rows.map((row) =>
          row.from === 'device' ? (
            <EventRow key={row.key} event={row.event} nowMs={now} withDevice />
          ) : (
            <AuditRow key={row.key} entry={row.entry} nowMs={now} />
          ),
        )}
      </ol>
      {loadOlder && (
        <button type="button" class="button more" onClick={loadOlder}>
          Show older
        </button>
      )}
    </>
  );
}

/** Each entry of the audit log carries a hash over itself and the one before. */
function VerifyChain(): JSX.Element {
  const [check, setCheck] = useState<AuditCheck | undefined>(undefined);
  const { busy, failure, send } = useSending();
  return (
    <div class="tools">
      {failure && <Problem failure={failure} />}
      {check && (
        <Tag tone={check.intact ? 'ok' : 'error'} icon={check.intact ? 'check' : 'error'}>
          {check.intact
            ? `Chain intact, entries: ${formatNumber(check.entries)}`
            : `Chain broken at entry ${check.brokenAt}`}
        </Tag>
      )}
      <button
        type="button"
        class="button"
        disabled={busy}
        onClick={() => send(async () => setCheck(await call('GET /audit/check')))}
      >
        Verify the audit log
      </button>
    </div>
  );
}
