import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSending } from '../api/use-sending.ts';
import { useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { useTarget } from '../targets/target-list.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { count } from '../ui/format.ts';
import { TextField } from '../ui/text-field.tsx';
import { Choice, Loading, Problem } from '../ui/widgets.tsx';
import {
  type BulkAction,
  type BulkKind,
  type BulkResult,
  bulkKinds,
  bulkWords,
  onFleet,
  resultWords,
  runBulk,
} from './bulk-actions.ts';

/** One action for the devices that are shown: each by name, and each can be left out before anything is sent. */
export function BulkDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }): JSX.Element {
  const target = useTarget({ devices: [...ids] }, 'main');
  const models = (useAnswer(request('GET /models')).data?.models ?? []).filter(({ complete }) => complete);
  const { me } = useSession();
  const kinds = bulkKinds.filter((one) => me.scope === undefined || !onFleet.has(one));
  const [kind, setKind] = useState<BulkKind>('model');
  const [digest, setDigest] = useState('');
  const [text, setText] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [progress, setProgress] = useState(0);
  const [result, setResult] = useState<BulkResult | undefined>(undefined);
  const { busy, failure, send } = useSending();

  const devices = target.data?.devices ?? [];
  const chosen = devices.map(({ id }) => id).filter((id) => !left.has(id));
  const model = models.find((one) => one.digest === digest);
  const action = actionOf(kind, text, model);
  const toggle = (id: string): void => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    setLeft(next);
  };
  const run = (): Promise<void> =>
    send(async () => {
      if (action === undefined) return;
      setProgress(0);
      const ended = await runBulk(action, chosen, setProgress);
      notify(ended.refused.length === 0 ? 'ok' : 'error', resultWords(ended));
      if (ended.refused.length === 0) onClose();
      else setResult(ended);
    });

  return (
    <Dialog
      title="Act on several devices"
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            {result === undefined ? 'Cancel' : 'Close'}
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={busy || action === undefined || chosen.length === 0 || result !== undefined}
            onClick={run}
          >
            {busy
              ? `${progress} of ${chosen.length}`
              : `${bulkWords[kind]}: ${count(chosen.length, 'device')}`}
          </button>
        </>
      }
    >
      <div class="form">
        <Choice
          label="Action"
          value={kind}
          options={kinds.map((one) => [one, bulkWords[one]] as const)}
          onChange={(next) => setKind(next as BulkKind)}
        />
        {kind === 'model' && (
          <Choice
            label="Model"
            value={digest}
            options={[
              ['', 'Choose a model'],
              ...models.map((one) => [one.digest, `${one.name} ${one.version}`] as const),
            ]}
            onChange={setDigest}
          />
        )}
        {(kind === 'group' || kind === 'label') && (
          <TextField
            label={kind === 'group' ? 'Group (a new name makes a group)' : 'Label, as key=value'}
            value={text}
            maxLength={128}
            onInput={setText}
          />
        )}
        {target.failure && <Problem failure={target.failure} retry={target.reload} />}
        {target.loading && <Loading what="the devices it concerns" />}
        <fieldset class="bulk-list" aria-label="Devices concerned">
          {devices.map(({ id, online }) => (
            <label key={id}>
              <input type="checkbox" checked={!left.has(id)} disabled={busy} onChange={() => toggle(id)} />
              {id}
              {!online && <span class="sub"> offline</span>}
            </label>
          ))}
        </fieldset>
        {failure && <Problem failure={failure} />}
        {result?.refused.map(({ device, why }) => (
          <p key={device} class="tone-error" role="alert">
            {device}: {why}
          </p>
        ))}
      </div>
    </Dialog>
  );
}

/** Undefined while something has to be chosen or written. */
function actionOf(
  kind: BulkKind,
  text: string,
  model: Extract<BulkAction, { kind: 'model' }>['model'] | undefined,
): BulkAction | undefined {
  if (kind === 'retry') return { kind };
  if (kind === 'model') return model && { kind, model };
  const words = text.trim();
  if (kind === 'group') return words === '' ? undefined : { kind, group: words };
  const [key = '', value = '', ...more] = words.split('=');
  return key === '' || value === '' || more.length > 0 ? undefined : { kind, key, value };
}
