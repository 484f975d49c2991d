import type { JSX } from 'preact';
import type { Selector, TargetAnswer } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { type Answer, useAnswer } from '../api/use-answer.ts';
import { count } from '../ui/format.ts';
import { Loading, Problem } from '../ui/widgets.tsx';

/** The devices that a target means, as the controller resolves it. */
export function useTarget(target: Selector, slot?: string): Answer<TargetAnswer> {
  return useAnswer(request('POST /targets', { body: { target, ...(slot === undefined ? {} : { slot }) } }));
}

const mostShown = 200;

/** Names every device that is about to be changed, before it is. */
export function TargetList({
  target,
  answer,
}: {
  target: Selector;
  answer: Answer<TargetAnswer>;
}): JSX.Element {
  const { data, failure, reload } = answer;
  if (failure) return <Problem failure={failure} retry={reload} />;
  if (data === undefined) return <Loading what="the devices it concerns" />;
  const { devices, unknown } = data;
  const kept = target.groups === undefined ? [] : devices.filter(({ own }) => own !== undefined);
  return (
    <section class="target-list" aria-label="Devices concerned">
      <h3>Concerns {count(devices.length, 'device')}</h3>
      {devices.length > 0 && (
        <ul class="target-names">
          {devices.slice(0, mostShown).map(({ id, online }) => (
            <li key={id} class={online ? 'tag tag-ok' : 'tag tag-idle'}>
              {id}
              {!online && <span class="sub"> offline</span>}
            </li>
          ))}
          {devices.length > mostShown && <li class="sub">and {devices.length - mostShown} more</li>}
        </ul>
      )}
      {kept.map(({ id, own }) => (
        <p key={id} class="sub">
          {id} keeps {own?.name} {own?.version}: its own settings name it.
        </p>
      ))}
      {unknown.length > 0 && (
        <p class="sub">Not reported yet, and follow when they do: {unknown.join(', ')}</p>
      )}
    </section>
  );
}
