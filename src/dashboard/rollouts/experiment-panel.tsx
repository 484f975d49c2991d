import type { JSX } from 'preact';
import type { ExperimentReport, RolloutDetail } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { formatRoute } from '../state/route.ts';
import { Table } from '../ui/table.tsx';
import { Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { GateEvidence } from './gate-chart.tsx';
import { ShareBar } from './share-bar.tsx';

/** Two versions at once: how they stand, how B compares with A, and who has which. */
export function ExperimentPanel({ rollout }: { rollout: RolloutDetail }): JSX.Element {
  const params = { rollout: rollout.id };
  const answer = useAnswer(request('GET /rollouts/:rollout/experiment', { params }), 15_000);
  const report = answer.data;
  return (
    <>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="the two versions" />}
      {report && (
        <>
          <Panel title="B against A">
            <Bar report={report} />
            {report.comparison ? (
              <GateEvidence gate={report.comparison} />
            ) : (
              <p class="sub">
                {rollout.wave > 0
                  ? 'B is promoted, so there is no A to compare with.'
                  : `No comparison yet: B serves no ${report.by}.`}
              </p>
            )}
          </Panel>
          <Units report={report} />
        </>
      )}
    </>
  );
}

function Bar({ report: { by, a, b, waits, percent } }: { report: ExperimentReport }): JSX.Element {
  return <ShareBar standing={{ unit: by, b, waits, all: a + b + waits, asked: percent }} />;
}

const arms = {
  A: ['idle', 'A'],
  B: ['accent', 'B'],
  waits: ['warning', 'to be B'],
} as const;

function Units({ report }: { report: ExperimentReport }): JSX.Element {
  const { by, units, a, b, waits } = report;
  const more = a + b + waits - units.length;
  return (
    <Panel title="Assignments" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={[by === 'camera' ? 'Camera' : 'Device', 'Version', 'Runs', 'Why']}>
          {units.map(({ device, camera, arm, model, why }) => (
            <tr key={`${device}/${camera}`}>
              <th scope="row">
                <a href={formatRoute(['devices', device])}>
                  {camera === undefined ? device : `${device}/${camera}`}
                </a>
              </th>
              <td>
                <Tag tone={arms[arm][0]}>{arms[arm][1]}</Tag>
              </td>
              <td>{model}</td>
              <td>{why}</td>
            </tr>
          ))}
        </Table>
      </div>
      {more > 0 && <p class="sub">And {more} more.</p>}
    </Panel>
  );
}
