import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, request } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { AuditCheck, AuditEntry } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { notify } from '../state/notice.ts';
import { formatNumber, formatTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';

/** Who changed what, newest first; each entry is chained to the one before by its hash. */
export function AuditPage(): JSX.Element {
  const answer = useAnswer(request('GET /audit', { query: { limit: 100 } }));
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const [next, setNext] = useState<number | undefined>(undefined);
  const [check, setCheck] = useState<AuditCheck | undefined>(undefined);
  useEffect(() => {
    setOlder([]);
    setNext(answer.data?.next);
  }, [answer.data]);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const failure = asFailure(error);
      notify('error', `${failure.message} ${failure.remedy}`);
    }
  };
  const loadOlder = async (): Promise<void> => {
    const page = await call('GET /audit', { query: { limit: 100, before: next } });
    setOlder((known) => [...known, ...page.entries]);
    setNext(page.next);
  };
  const entries = [...(answer.data?.entries ?? []), ...older];
  return (
    <>
      <header class="page-head">
        <h1>Audit log</h1>
        <div class="tools">
          {check && (
            <Tag tone={check.intact ? 'ok' : 'error'} icon={check.intact ? 'check' : 'error'}>
              {check.intact
                ? `${formatNumber(check.entries)} entries, chain intact`
                : `Chain broken at entry ${check.brokenAt}`}
            </Tag>
          )}
          <button
            type="button"
            class="button"
            onClick={() => attempt(async () => setCheck(await call('GET /audit/check')))}
          >
            Verify the chain
          </button>
        </div>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="the audit log" />}
      {answer.data && entries.length === 0 && <Empty icon="audit" title="No changes yet" />}
      {entries.length > 0 && (
        <Panel title="Entries" icon="audit" class="panel-flush">
          <div class="scroll-x">
            <Table class="plain-wide audit" columns={['Time', 'Who', 'Action', 'Target', 'Result', 'Detail']}>
              {entries.map((entry) => (
                <tr key={entry.seq}>
                  <td class="nowrap">{formatTime(entry.timeMs)}</td>
                  <td>{entry.actor}</td>
                  <td>{entry.action}</td>
                  <td>{entry.target}</td>
                  <td>
                    <Tag tone={entry.result === 'ok' ? 'ok' : 'error'}>{entry.result}</Tag>
                  </td>
                  <td class="detail">
                    <code title={`sha256 ${entry.hash}`}>{entry.detail}</code>
                  </td>
                </tr>
              ))}
            </Table>
          </div>
          {next !== undefined && (
            <button type="button" class="button more" onClick={() => attempt(loadOlder)}>
              Show older entries
            </button>
          )}
        </Panel>
      )}
    </>
  );
}
