import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useValue } from '../observable/value.ts';
import { replaceQuery, route } from '../state/route.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Choice } from '../ui/widgets.tsx';
import { mostViews, parseViews, type SavedView, viewOf, withView } from './views.ts';

const key = 'goshawk.views';

/** Filters under a name: choose one, save what is shown, or remove it. */
export function ViewsBar(): JSX.Element {
  const query = useValue(route).query;
  const [views, setViews] = useState(() => parseViews(localStorage.getItem(key)));
  const [saving, setSaving] = useState(false);
  const current = viewOf(views, query);
  const store = (next: readonly SavedView[]): void => {
    localStorage.setItem(key, JSON.stringify(next));
    setViews([...next]);
  };
  return (
    <>
      {views.length > 0 && (
        <Choice
          label="View"
          value={current?.name ?? ''}
          options={[['', 'None'], ...views.map(({ name }) => [name, name] as const)]}
          onChange={(name) => replaceQuery(views.find((view) => view.name === name)?.query ?? {})}
        />
      )}
      {current === undefined && query.size > 0 && views.length < mostViews && (
        <button type="button" class="button" onClick={() => setSaving(true)}>
          Save view
        </button>
      )}
      {current !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => store(views.filter(({ name }) => name !== current.name))}
        >
          Remove view
        </button>
      )}
      {saving && (
        <SaveDialog
          onClose={() => setSaving(false)}
          onSave={(name) => store(withView(views, { name, query: Object.fromEntries(query) }))}
        />
      )}
    </>
  );
}

function SaveDialog(props: { onClose: () => void; onSave: (name: string) => void }): JSX.Element {
  const [name, setName] = useState('');
  return (
    <ActionDialog
      title="Save this view"
      word="Save"
      ready={name.trim() !== ''}
      onClose={props.onClose}
      onDone={async () => props.onSave(name.trim())}
    >
      <div class="form">
        <p>The filters and the order are kept in this browser.</p>
        <TextField label="Name" value={name} maxLength={64} onInput={setName} />
      </div>
    </ActionDialog>
  );
}
