import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { CreatedClaim } from '../api/types.ts';
import { TextField } from '../ui/text-field.tsx';
import { Choice, Problem } from '../ui/widgets.tsx';

interface Draft {
  readonly name: string;
  readonly count: string;
  readonly days: string;
  readonly rule: 'auto' | 'manual';
  readonly groups: string;
  readonly serials: string;
}

const empty: Draft = { name: '', count: '1', days: '7', rule: 'auto', groups: '', serials: '' };

export function ClaimForm({ onCreated }: { onCreated: (claim: CreatedClaim) => void }): JSX.Element {
  const [draft, setDraft] = useState(empty);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    setFailure(undefined);
    try {
      onCreated(await call('POST /claims', { body: bodyOf(draft) }));
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  const text = (key: 'name' | 'groups' | 'serials', label: string, placeholder: string) => (
    <TextField
      label={label}
      maxLength={key === 'name' ? 128 : 10_000}
      value={draft[key]}
      hint={placeholder}
      onInput={(text) => setDraft({ ...draft, [key]: text })}
    />
  );
  const number = (key: 'count' | 'days', label: string, max: number) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={1}
        max={max}
        value={draft[key]}
        onInput={(event) => setDraft({ ...draft, [key]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <form class="form claim-form" onSubmit={create}>
      {text('name', 'Name', 'for example hall 3')}
      <div class="form-row">
        {number('count', 'Devices', 10_000)}
        {number('days', 'Days', 365)}
        <Choice
          label="Enrol"
          value={draft.rule}
          options={[
            ['auto', 'Every device with the claim'],
            ['manual', 'Only devices that I approve'],
          ]}
          onChange={(rule) => setDraft({ ...draft, rule: rule as Draft['rule'] })}
        />
      </div>
      {text('groups', 'Groups', 'none; separate several with commas')}
      {text('serials', 'Serial numbers', 'any board; separate several with commas')}
      {failure && <Problem failure={failure} />}
      <div class="tools">
        <button type="submit" class="button button-main" disabled={draft.name.trim() === ''}>
          Create claim
        </button>
      </div>
    </form>
  );
}

export function bodyOf({ name, count, days, rule, groups, serials }: Draft) {
  return {
    ...{ name: name.trim(), count: Number(count), days: Number(days), rule },
    groups: listOf(groups),
    serials: listOf(serials),
  };
}

function listOf(text: string): string[] {
  const parts = text.split(/[,\n]/).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}
