import type { AskedShare, CameraShareAnswer } from '../../api/index.ts';
import { rangeWords } from '../rollouts/standing.ts';
import type { Notice } from '../state/notice.ts';

/** What the name of a rollout can't hold (NewRollout), a build of a version for one, becomes a dash. */
export function promotedName(name: string, version: string): string {
  return `${name} for all ${version}`.replace(/[^A-Za-z0-9._ -]/g, '-').slice(0, 64);
}

/** What follows from ending a test of two versions on cameras. */
export function endWords(slot: string, isPromoted: boolean): string {
  return isPromoted
    ? `The slot ${slot} is removed now. B stays ordered for main: until main of a device runs it, its cameras are served with A.`
    : `The slot ${slot} is removed. Its cameras go back to main, which serves all of them with A.`;
}

/** What was done, and whether something was left that a person has to look at. */
export function answerNotice({ done, notes }: CameraShareAnswer): Pick<Notice, 'tone' | 'text'> {
  const said = done.length === 0 ? [] : [`Ordered for ${done.join(', ')}.`];
  return {
    tone: notes.length > 0 || done.length === 0 ? 'error' : 'ok',
    text: [...said, ...notes].join(' '),
  };
}

/** The range that all ask for; undefined where they differ. */
export function commonRange(
  asked: readonly AskedShare[],
): Pick<AskedShare, 'fromPercent' | 'toPercent'> | undefined {
  const [first, ...others] = asked;
  const same = others.every(
    (one) => one.fromPercent === first?.fromPercent && one.toPercent === first.toPercent,
  );
  return same ? first : undefined;
}

/** Everybody whom a change of the share concerns, with what each has now. */
export function whoIsChanged(asked: readonly AskedShare[]): string {
  const each = asked.map((one) => `${one.device ?? `group ${one.group}`} (now ${rangeWords(one)})`);
  return `It is changed for ${each.join(', ')}.`;
}
