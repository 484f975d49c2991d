import type { JSX } from 'preact';
import type { DriftIncident } from '../api/types.ts';
import { formatDuration, formatTime } from '../ui/format.ts';
import { Tag } from '../ui/widgets.tsx';
import { chanceWords, cohortWords, earlierWords, gradeWords, verdictTone } from './words.ts';

/** `sensor fault: frozen` with its tone, and what it was called before. */
export function VerdictTag({ incident }: { incident: DriftIncident }): JSX.Element {
  const tone = incident.endedMs === undefined ? verdictTone(incident) : 'idle';
  const words = incident.message.charAt(0).toUpperCase() + incident.message.slice(1);
  const icon = incident.grade === 'notice' ? 'info' : tone === 'error' ? 'error' : 'warning';
  const earlier = earlierWords(incident);
  return (
    <>
      <Tag tone={tone} icon={icon}>
        {words}
      </Tag>
      {earlier !== undefined && <span class="sub"> {earlier}</span>}
    </>
  );
}

/** Alarm or notice, and what it is expected to cost. */
export function GradeWords({ incident }: { incident: DriftIncident }): JSX.Element {
  const { word, loss, why } = gradeWords(incident);
  return (
    <span class="nowrap" title={why}>
      {word}
      {loss !== undefined && <span class="sub"> {loss}</span>}
    </span>
  );
}

/** Whether it stands when the false alarms of the whole fleet are held down, and why. */
export function BeliefWords({ incident }: { incident: DriftIncident }): JSX.Element {
  const { believed, pValue } = incident;
  if (pValue === undefined)
    return (
      <span class="nowrap" title="A rule without a reference, so without statistical doubt.">
        Certain <span class="sub">by rule</span>
      </span>
    );
  const why = `Chance that a healthy camera shows this within a day: ${chanceWords(pValue)}`;
  return believed ? (
    <span title={why}>Yes</span>
  ) : (
    <span class="tone-warning" title={`${why}. In a fleet of this size this may be a false alarm.`}>
      Not yet
    </span>
  );
}

export function CohortWords({ incident }: { incident: DriftIncident }): JSX.Element {
  const { cohort } = incident;
  if (cohort.scope === 'camera') return <span>{cohortWords(cohort)}</span>;
  return (
    <span title={`By chance: ${chanceWords(cohort.pValue)}`}>
      {cohortWords(cohort)}{' '}
      <span class="sub nowrap">
        {cohort.alarmed} of {cohort.cameras} cameras
      </span>
    </span>
  );
}

/** When it began, and how long it lasted or lasts. */
export function Lasting({ incident, now }: { incident: DriftIncident; now: number }): JSX.Element {
  const { startedMs, endedMs } = incident;
  const ended = endedMs === undefined ? 'lasts' : `lasted ${formatDuration(endedMs - startedMs)}`;
  return (
    <time dateTime={new Date(startedMs).toISOString()} title={`${formatTime(startedMs)}, ${ended}`}>
      {endedMs === undefined
        ? formatDuration(now - startedMs)
        : `${formatTime(startedMs).slice(5, 16)} · ${formatDuration(endedMs - startedMs)}`}
    </time>
  );
}
