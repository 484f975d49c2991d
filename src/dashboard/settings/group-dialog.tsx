import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Group } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count } from '../ui/format.ts';
import { TextField } from '../ui/text-field.tsx';

/** Makes a group, or says who is in it. */
export function GroupDialog({ group, onClose }: { group?: Group; onClose: () => void }): JSX.Element {
  const state = useValue(useSession().fleet.state);
  const [name, setName] = useState(group?.name ?? '');
  const [text, setText] = useState(group?.members.join('\n') ?? '');
  const members = [...new Set(text.split(/[\s,]+/).filter(Boolean))];
  const known = new Set(state.phase === 'ready' ? state.devices.map(({ id }) => id) : []);
  const unknown = members.filter((id) => !known.has(id));
  return (
    <ActionDialog
      title={group === undefined ? 'New group' : `Members of ${group.name}`}
      word={group === undefined ? 'Create group' : 'Save'}
      ready={name.trim() !== ''}
      onClose={onClose}
      onDone={async () => {
        const params = { group: name.trim() };
        await call('PUT /groups/:group/members', { params, body: { members } });
        notify('ok', `Group ${params.group} has ${count(members.length, 'listed device')}.`);
      }}
    >
      <div class="form">
        {group === undefined && <TextField label="Name" maxLength={128} value={name} onInput={setName} />}
        <label class="field">
          <span>
            Devices <span class="sub">ids, one a line</span>
          </span>
          <textarea rows={8} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {group?.declaredBy !== undefined && group.declaredBy.length > 0 && (
          <p class="sub">In it by their own settings: {group.declaredBy.join(', ')}</p>
        )}
        {unknown.length > 0 && (
          <p class="sub">Not reported yet, and follow when they do: {unknown.slice(0, 20).join(', ')}</p>
        )}
      </div>
    </ActionDialog>
  );
}
