import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { CameraRules, DeviceDetail } from '../api/types.ts';
import { useSending } from '../api/use-sending.ts';
import { notify } from '../state/notice.ts';
import { Choice, Problem } from '../ui/widgets.tsx';
import {
  draftOf,
  isComplete,
  newDraft,
  type Point,
  type RuleDraft,
  type RuleKind,
  rulesInForce,
  withDraft,
  withoutRule,
  withPoint,
  withRules,
} from './rules.ts';

/** What is being drawn on the picture of a camera, and the form beside it. */
export interface RulesEditing {
  readonly draft: RuleDraft | undefined;
  readonly setDraft: (draft: RuleDraft | undefined) => void;
}

export function useRulesEditing(): RulesEditing {
  const [draft, setDraft] = useState<RuleDraft | undefined>(undefined);
  return { draft, setDraft };
}

/** Lies over the picture while something is drawn: each click is a corner. */
export function DrawingLayer({ draft, setDraft }: RulesEditing): JSX.Element | null {
  if (draft === undefined) return null;
  const add = (layer: Element, x: number, y: number): void => {
    const area = layer.getBoundingClientRect();
    const point: Point = [(x - area.left) / area.width, (y - area.top) / area.height];
    setDraft(withPoint(draft, point));
  };
  const points = draft.points.map(([x, y]) => `${100 * x},${100 * y}`).join(' ');
  return (
    <svg
      class="picture-drawing"
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-label={`Corners of ${draft.name}`}
      role="img"
      onPointerDown={(event) => add(event.currentTarget, event.clientX, event.clientY)}
    >
      {draft.kind === 'zone' && draft.points.length > 2 ? (
        <polygon points={points} />
      ) : (
        <polyline points={points} />
      )}
      {draft.points.map(([x, y]) => (
        <path key={`${x} ${y}`} class="picture-corner" d={`M${100 * x} ${100 * y}h0`} />
      ))}
    </svg>
  );
}

const directions: readonly (readonly [RuleDraft['direction'], string])[] = [
  ['both', 'both ways'],
  ['in', 'in alone'],
  ['out', 'out alone'],
];

/** Zones and lines of a camera: a list, and the form of one that is drawn. */
export function RulesEditor(props: {
  detail: DeviceDetail;
  camera: string;
  editing: RulesEditing;
  reload: () => void;
}): JSX.Element {
  const { detail, camera, editing } = props;
  const { draft, setDraft } = editing;
  const { busy, failure, send } = useSending();
  const rules = rulesInForce(detail, camera);
  const { id } = detail.summary;
  const isThere =
    draft !== undefined && draft.name in ((draft.kind === 'zone' ? rules.zones : rules.lines) ?? {});

  const apply = (next: CameraRules, done: string): Promise<void> =>
    send(async () => {
      const latest = await call('GET /devices/:id', { params: { id } });
      const body = withRules(latest.settings, camera, next);
      await call('PUT /devices/:id/desired', { params: { id }, body });
      setDraft(undefined);
      notify('ok', done);
      props.reload();
    });
  const remove = (kind: RuleKind, name: string): Promise<void> =>
    apply(withoutRule(rules, kind, name), `${name} of ${camera} removed.`);

  return (
    <div class="rules-editor">
      <div class="chips">
        {[
          ...Object.keys(rules.zones ?? {}).map((name) => ['zone', name] as const),
          ...Object.keys(rules.lines ?? {}).map((name) => ['line', name] as const),
        ].map(([kind, name]) => (
          <button
            key={`${kind} ${name}`}
            type="button"
            class="chip"
            disabled={busy}
            aria-pressed={draft?.kind === kind && draft.name === name}
            title={`Change or remove the ${kind} ${name}`}
            onClick={() => setDraft(draftOf(rules, kind, name))}
          >
            {name}
          </button>
        ))}
        {draft === undefined &&
          (['zone', 'line'] as const).map((kind) => (
            <button key={kind} type="button" class="button" onClick={() => setDraft(newDraft(kind, rules))}>
              Draw a {kind}
            </button>
          ))}
      </div>
      {draft !== undefined && (
        <form
          class="rules-form"
          onSubmit={(event) => {
            event.preventDefault();
            apply(withDraft(rules, draft), `${draft.name} was sent to ${id}.`);
          }}
        >
          <p class="sub">
            {draft.kind === 'zone'
              ? 'Click the corners on the image in order.'
              : 'Click both ends on the image. Seen from the first to the second, "in" is to the right.'}
          </p>
          <Field label="Name" value={draft.name} onInput={(name) => setDraft({ ...draft, name })} />
          <Field
            label="Classes, comma-separated (empty: all)"
            value={draft.classes}
            onInput={(classes) => setDraft({ ...draft, classes })}
          />
          {draft.kind === 'zone' && (
            <>
              <Field
                label="Event after this many seconds inside"
                seconds
                value={draft.dwell}
                onInput={(dwell) => setDraft({ ...draft, dwell })}
              />
              <Field
                label="Event after this many seconds empty"
                seconds
                value={draft.absence}
                onInput={(absence) => setDraft({ ...draft, absence })}
              />
              <Field
                label="Event from this many objects inside"
                count
                value={draft.minimumCount}
                onInput={(minimumCount) => setDraft({ ...draft, minimumCount })}
              />
              <Field
                label="Event above this speed, in image heights per second"
                seconds
                value={draft.speedLimit}
                onInput={(speedLimit) => setDraft({ ...draft, speedLimit })}
              />
            </>
          )}
          {draft.kind === 'line' && (
            <Choice
              label="Count"
              value={draft.direction}
              options={directions}
              onChange={(direction) => setDraft({ ...draft, direction: direction as RuleDraft['direction'] })}
            />
          )}
          <div class="rules-buttons">
            <button type="submit" class="button button-main" disabled={busy || !isComplete(draft)}>
              {busy ? 'Sending…' : 'Apply'}
            </button>
            <button
              type="button"
              class="button"
              disabled={busy || draft.points.length === 0}
              onClick={() => setDraft({ ...draft, points: draft.points.slice(0, -1) })}
            >
              Undo corner
            </button>
            <button type="button" class="button" disabled={busy} onClick={() => setDraft(undefined)}>
              Cancel
            </button>
            {isThere && (
              <button
                type="button"
                class="button"
                disabled={busy}
                onClick={() => remove(draft.kind, draft.name)}
              >
                Remove
              </button>
            )}
          </div>
        </form>
      )}
      {failure && <Problem failure={failure} />}
    </div>
  );
}

function Field(props: {
  label: string;
  value: string;
  seconds?: boolean;
  count?: boolean;
  onInput: (value: string) => void;
}): JSX.Element {
  return (
    <label class="rules-field">
      <span>{props.label}</span>
      <input
        {...(props.seconds
          ? { type: 'number', min: 0, step: 'any' }
          : props.count
            ? { type: 'number', min: 1, max: 1000, step: 1 }
            : { type: 'text' })}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}
