import type { JSX } from 'preact';
import type { FrameReview, FrameVerdict, HardFrame } from '../../api/index.ts';
import { personOf } from '../drift/actor.ts';
import { EvidenceFrame } from '../drift/evidence.tsx';
import { formatRoute } from '../state/route.ts';
import { formatTime, objectsIn } from '../ui/format.ts';
import { Tag } from '../ui/widgets.tsx';
import { frameReasons } from './filter.ts';

/** A frame with its boxes, why it was kept, and its verdict. `A` accepts and `R` rejects the one that has the focus. */
export function FrameCard(props: {
  device: string;
  /** With the name of the device, as those of others are beside it. */
  named: boolean;
  frame: HardFrame;
  review: FrameReview | undefined;
  /** Absent for who may only look. */
  decide: ((verdict: FrameVerdict | undefined) => void) | undefined;
}): JSX.Element {
  const { device, frame, review, decide, named } = props;
  const verdict = review?.verdict;
  const toggle = (next: FrameVerdict): void => decide?.(verdict === next ? undefined : next);
  const name = `frame of ${named ? `${device} ` : ''}${frame.camera}, ${formatTime(frame.timeMs)}`;
  const onKeyDown = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
    if (ctrlKey || metaKey || altKey) return;
    if (key.toLowerCase() === 'a') toggle('accepted');
    if (key.toLowerCase() === 'r') toggle('rejected');
  };
  return (
    <li class={`tile frame-card${verdict === undefined ? '' : ` frame-${verdict}`}`} onKeyDown={onKeyDown}>
      <p class="tile-head">
        {named ? (
          <a class="frame-source" href={formatRoute(['data'], { device, camera: frame.camera })}>
            {device} <span class="sub">{frame.camera}</span>
          </a>
        ) : (
          <b>{frame.camera}</b>
        )}{' '}
        <span class="sub">{formatTime(frame.timeMs)}</span>
      </p>
      <EvidenceFrame
        device={device}
        frame={frame.id}
        label={`${name}: ${objectsIn(frame.detections)}`}
        boxes={frame}
      />
      <div class="tile-foot">
        <Tag tone={frame.reason === 'alarm' ? 'warning' : 'idle'}>
          {frameReasons.find(([reason]) => reason === frame.reason)?.[1]}
        </Tag>
        <span class="sub">{objectsIn(frame.detections)}</span>
        {review && (
          <Tag
            tone={verdict === 'accepted' ? 'ok' : 'error'}
            icon={verdict === 'accepted' ? 'check' : 'cross'}
            title={`By ${personOf(review.by)}, ${formatTime(review.timeMs)}`}
          >
            {verdict === 'accepted' ? 'Accepted' : 'Rejected'}
          </Tag>
        )}
        {decide && (
          <span class="tools frame-verdicts">
            {(['accepted', 'rejected'] as const).map((one) => (
              <button
                key={one}
                type="button"
                class="button"
                aria-pressed={verdict === one}
                title={one === 'accepted' ? 'Accept (A)' : 'Reject (R)'}
                onClick={() => toggle(one)}
              >
                {one === 'accepted' ? 'Accept' : 'Reject'}
                <span class="off-screen"> {name}</span>
              </button>
            ))}
          </span>
        )}
      </div>
    </li>
  );
}
