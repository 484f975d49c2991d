import type { JSX } from 'preact';
import { mainSlot, scopeWords } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';
import { formatNumber, formatShare } from '../ui/format.ts';
import { deploymentWord } from '../ui/status.tsx';
import { Panel, Tag } from '../ui/widgets.tsx';
import { SlotOrders } from './slot-orders.tsx';
import { type AgreementRow, agreementRows, type SlotRow, slotRows } from './slots.ts';

/** Several models on one device: each slot with its policy, the version it means now, and how far it is. */
export function SlotsPanel({
  detail,
  reload,
}: {
  detail: DeviceDetail;
  reload: () => void;
}): JSX.Element | null {
  const rows = slotRows(detail);
  if (rows.length === 0) return null;
  const agreement = agreementRows(detail.metrics);
  return (
    <Panel title="Slots" icon="models">
      {rows.map((row) => (
        <div key={row.slot} class="loaded" data-slot={row.slot}>
          <Slot row={row} agreement={agreement.filter(({ slot }) => slot === row.slot)} />
          {row.slot !== mainSlot && <SlotOrders detail={detail} slot={row.slot} reload={reload} />}
        </div>
      ))}
    </Panel>
  );
}

function Slot({ row, agreement }: { row: SlotRow; agreement: readonly AgreementRow[] }): JSX.Element {
  const { slot, wanted, policy, loaded, reported, leaving } = row;
  const state = reported?.deployment.state;
  const bad = state === 'failed' || state === 'rolling-back';
  return (
    <>
      <p class="loaded-name">
        <b>{slot}</b> {loaded ?? 'no model yet'}{' '}
        {reported?.role === 'shadow' && <Tag tone="accent">Shadow</Tag>}
        {leaving && <Tag tone="warning">Leaving</Tag>}
        {state !== undefined && state !== 'idle' && (
          <Tag tone={bad ? 'error' : state === 'committed' ? 'ok' : 'accent'}>{deploymentWord(state)}</Tag>
        )}
      </p>
      <dl class="facts">
        {wanted !== undefined && (
          <>
            <dt>Wanted</dt>
            <dd>{wanted}</dd>
            <dt>Follows</dt>
            <dd>{policy}</dd>
          </>
        )}
        {reported !== undefined && (
          <>
            <dt>Frames</dt>
            <dd>{scopeWords(reported)}</dd>
          </>
        )}
      </dl>
      {bad && reported?.deployment.reason && <p class="deployment-reason">{reported.deployment.reason}</p>}
      {reported?.problem && <p class="deployment-reason">{reported.problem}</p>}
      {agreement.map((one) => (
        <Agreement key={one.camera} row={one} />
      ))}
    </>
  );
}

function Agreement({ row }: { row: AgreementRow }): JSX.Element {
  const { camera, frames, disagreements, precision, recall, classFlips, scoreDifference } = row;
  return (
    <dl class="facts" data-agreement={camera}>
      <dt>Compared with the serving model, {camera}</dt>
      <dd>
        {formatNumber(disagreements)} of {formatNumber(frames)} frames differ
      </dd>
      <dt>Precision, recall</dt>
      <dd>
        {formatShare(precision)}, {formatShare(recall)}
      </dd>
      <dt>Other class, score</dt>
      <dd>
        {formatNumber(classFlips)}, {scoreDifference >= 0 ? '+' : ''}
        {scoreDifference.toFixed(3)}
      </dd>
    </dl>
  );
}
