import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CameraShareReport } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { call, request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { GateEvidence } from '../rollouts/gate-chart.tsx';
import { ShareBar } from '../rollouts/share-bar.tsx';
import { askedPercent, rangeWords } from '../rollouts/standing.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute, go } from '../state/route.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { Loading, Panel, Problem, Table, Tag } from '../ui/widgets.tsx';
import { ChangeShareDialog } from './change-share-dialog.tsx';
import { Ended } from './ended.tsx';
import { hasEnded } from './has-ended.ts';
import { answerNotice, endWords } from './words.ts';

type Act = 'change' | 'promote' | 'end';

/** Two versions that divide the cameras of devices: who has which and why, how they compare, and what to do with it. */
export function CameraSharePage({ of, slot }: { of: string; slot?: string | undefined }): JSX.Element {
  const query = defined({ slot });
  const answer = useAnswer(request('GET /shares/:of', { params: { of }, query }), 15_000);
  const report = answer.data;
  if (hasEnded(answer)) return <Ended of={of} />;
  return (
    <>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="the two versions" />}
      {report && (
        <>
          <Head report={report} onChanged={answer.reload} />
          <Asked report={report} />
          <Panel title="B against A">
            {report.comparison ? (
              <GateEvidence gate={report.comparison} />
            ) : (
              <p class="sub">Nothing to compare yet: no camera is served by the slot {report.slot}.</p>
            )}
          </Panel>
          <Cameras report={report} />
        </>
      )}
    </>
  );
}

function Head({ report, onChanged }: { report: CameraShareReport; onChanged: () => void }): JSX.Element {
  const { me } = useSession();
  const [asked, setAsked] = useState<Act>();
  const { of, slot, a, b, waits } = report;
  const close = () => setAsked(undefined);
  const act = async (body: { action: Act; fromPercent?: number; toPercent?: number }) => {
    const params = { of };
    const { tone, text } = answerNotice(
      await call('POST /shares/:of/actions', { params, body: { ...body, slot } }),
    );
    notify(tone, text);
    if (body.action === 'end' && tone === 'ok') go(['rollouts']);
    else onChanged();
  };
  const version = versionB(report);
  const isPromoted = report.asked.every(({ promoted }) => promoted === true);
  return (
    <>
      <header class="page-head">
        <h1>Two versions of {of}</h1>
        <span class="sub">
          Cameras are divided by the slot {slot}: A is main, B is {version}
        </span>
        <a class="sub" href={formatRoute(['rollouts'])}>
          All rollouts
        </a>
      </header>
      <section class="next" aria-label="How the shares stand">
        <div>
          <ShareBar standing={{ b, waits, all: a + b + waits, asked: askedPercent(report.asked) }} />
        </div>
        {mayActAs(me, 'operator') && (
          <span class="next-actions">
            {!isPromoted && (
              <>
                <button type="button" class="button" onClick={() => setAsked('change')}>
                  Change the share
                </button>
                <button type="button" class="button" onClick={() => setAsked('promote')}>
                  Promote B
                </button>
              </>
            )}
            <button type="button" class="button button-danger" onClick={() => setAsked('end')}>
              End the test
            </button>
          </span>
        )}
      </section>
      {asked === 'change' && (
        <ChangeShareDialog
          of={of}
          asked={report.asked}
          onClose={close}
          onDone={(range) => act({ action: 'change', ...range })}
        />
      )}
      {asked === 'promote' && (
        <ActionDialog
          title={`Promote ${version}`}
          word="Promote B"
          onClose={close}
          onDone={() => act({ action: 'promote' })}
        >
          <p>
            It is ordered for main wherever the slot {slot} has it. The slot serves its cameras until main of
            the device runs it, then it is removed. Every camera of these devices gets it.
          </p>
        </ActionDialog>
      )}
      {asked === 'end' && (
        <ActionDialog
          title={`End the test of ${of}`}
          word="End the test"
          onClose={close}
          onDone={() => act({ action: 'end' })}
        >
          <p>{endWords(slot, isPromoted)}</p>
        </ActionDialog>
      )}
    </>
  );
}

function versionB({ asked }: CameraShareReport): string {
  return [...new Set(asked.map(({ model }) => `${model.name} ${model.version}`))].join(', ');
}

function Asked({ report }: { report: CameraShareReport }): JSX.Element {
  return (
    <Panel title="What is asked" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Where', 'B has', 'Version of B', 'Follows']}>
          {report.asked.map(({ group, device, fromPercent, toPercent, model, promoted }) => (
            <tr key={`${group} ${device}`}>
              <th scope="row">
                {device === undefined ? (
                  `group ${group}`
                ) : (
                  <a href={formatRoute(['devices', device])}>{device}</a>
                )}
              </th>
              <td class="nowrap">
                {rangeWords({ fromPercent, toPercent })}
                {promoted && ', promoted: until main runs it'}
              </td>
              <td>
                {model.name} {model.version}
              </td>
              <td>
                {model.policy === undefined ? 'this version' : (model.policy.range ?? model.policy.follows)}
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

const sides = {
  A: ['idle', 'A'],
  B: ['accent', 'B'],
  waits: ['warning', 'to be B'],
} as const;

function Cameras({ report }: { report: CameraShareReport }): JSX.Element {
  const { cameras, a, b, waits } = report;
  const more = a + b + waits - cameras.length;
  return (
    <Panel title="Who has what" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Camera', 'Version', 'Runs', 'Why']}>
          {cameras.map(({ device, camera, side, model, why }) => (
            <tr key={`${device}/${camera}`}>
              <th scope="row">
                <a href={formatRoute(['devices', device])}>
                  {device}/{camera}
                </a>
              </th>
              <td>
                <Tag tone={sides[side][0]}>{sides[side][1]}</Tag>
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
