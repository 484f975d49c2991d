import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addressOf, call, fetchBlob, request } from '../api/client.ts';
import type { DeviceDetail } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSending } from '../api/use-sending.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { formatBytes, formatShare, formatTime } from '../ui/format.ts';
import { saveAs } from '../ui/save-as.ts';
import { Loading, Panel, Problem } from '../ui/widgets.tsx';
import { AddedCameras } from './added-cameras.tsx';
import { LogView } from './log-view.tsx';
import { refusalOf, type SystemFacts, systemFacts } from './system.ts';

/** The device checks itself for its bundle, over whatever line it has. */
const bundleMs = 300_000;

/** The agent itself: disk, certificate, log, support bundle, restart; nothing while the device is offline. */
export function SystemPanel({ detail }: { detail: DeviceDetail }): JSX.Element | null {
  const [asked, setAsked] = useState(false);
  if (!detail.summary.online) return null;
  // A look at the page costs the device no bytes.
  if (!asked) return <Unasked onAsk={() => setAsked(true)} />;
  // Another session: the device says again what it allows.
  return <System key={detail.birth?.session} id={detail.summary.id} />;
}

function Unasked({ onAsk }: { onAsk: () => void }): JSX.Element {
  return (
    <Panel title="System" icon="settings" class="system-panel">
      <p>Disk, certificate, log and commands come from the device itself.</p>
      <div class="button-row">
        <button type="button" class="button" onClick={onAsk}>
          Ask the device
        </button>
      </div>
    </Panel>
  );
}

function System({ id }: { id: string }): JSX.Element {
  const { me } = useSession();
  const { data, failure, reload } = useAnswer(request('POST /devices/:id/describe', { params: { id } }));
  const facts = data === undefined ? undefined : systemFacts(data);
  return (
    <Panel title="System" icon="settings" class="system-panel">
      {failure && <Problem failure={failure} retry={reload} />}
      {facts === undefined && !failure && <Loading what="the answer of the device" />}
      {facts && <Facts facts={facts} />}
      {facts && mayActAs(me, 'operator') && (
        <>
          <Commands id={id} facts={facts} />
          <AddedCameras id={id} facts={facts} />
        </>
      )}
    </Panel>
  );
}

function Facts({ facts: { disk, certificate } }: { facts: SystemFacts }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Disk</dt>
      <dd>
        {disk === undefined
          ? 'Not reported'
          : `${formatBytes(disk.freeBytes)} free of ${formatBytes(disk.sizeBytes)} (${formatShare(disk.freeBytes / disk.sizeBytes, 0)})`}
      </dd>
      <dt>Certificate</dt>
      <dd>
        {certificate === undefined
          ? 'None: it connects with a password'
          : `until ${formatTime(certificate.notAfterMs)}, from ${certificate.issuer}`}
      </dd>
    </dl>
  );
}

function Commands({ id, facts }: { id: string; facts: SystemFacts }): JSX.Element {
  const { me } = useSession();
  const [restarting, setRestarting] = useState<'agent' | 'board' | undefined>(undefined);
  const [logs, setLogs] = useState(false);
  const bundle = useSending();
  const download = () =>
    bundle.send(async () => {
      const address = addressOf('GET /devices/:id/bundle', { params: { id } });
      const blob = await fetchBlob(address, AbortSignal.timeout(bundleMs), bundleMs);
      saveAs(blob, `${id}-support.tar.gz`);
      notify('ok', 'The support bundle is in your downloads. Read it before you send it to anybody.');
    });
  return (
    <>
      <div class="button-row">
        <Command
          word={logs ? 'Hide log' : 'Show log'}
          refusal={refusalOf(facts, 'logs')}
          act={() => setLogs(!logs)}
        />
        <Command
          word={bundle.busy ? 'The device makes it…' : 'Support bundle'}
          refusal={refusalOf(facts, 'bundle')}
          busy={bundle.busy}
          act={download}
        />
        <Command
          word="Restart agent"
          refusal={refusalOf(facts, 'restart')}
          act={() => setRestarting('agent')}
        />
        {mayActAs(me, 'admin') && (
          <Command
            word="Restart board"
            refusal={refusalOf(facts, 'reboot')}
            act={() => setRestarting('board')}
          />
        )}
      </div>
      {bundle.failure && <Problem failure={bundle.failure} />}
      {logs && <LogView device={id} />}
      {restarting && <RestartDialog id={id} what={restarting} onClose={() => setRestarting(undefined)} />}
    </>
  );
}

/** A button; where the device refuses, it says why. */
function Command(props: {
  word: string;
  refusal: string | undefined;
  busy?: boolean;
  act: () => void;
}): JSX.Element {
  const off = props.refusal !== undefined || props.busy === true;
  return (
    <button type="button" class="button" disabled={off} title={props.refusal} onClick={props.act}>
      {props.word}
    </button>
  );
}

export function RestartDialog(props: {
  id: string;
  what: 'agent' | 'board';
  onClose: () => void;
}): JSX.Element {
  const { id, what, onClose } = props;
  const restart = async (): Promise<void> => {
    const route = what === 'board' ? 'POST /devices/:id/reboot' : 'POST /devices/:id/restart';
    await call(route, { params: { id } });
    notify('ok', `The ${what} of ${id} restarts.`);
  };
  return (
    <ActionDialog title={`Restart the ${what} of ${id}`} word="Restart" onClose={onClose} onDone={restart}>
      <p>
        Its cameras stop until it is back{what === 'board' ? '; everything else on the board stops too' : ''}.
        Models that wait to be installed, clips and messages stay on its disk.
      </p>
    </ActionDialog>
  );
}
