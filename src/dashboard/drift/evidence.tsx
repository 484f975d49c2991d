import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fromBase64 } from '../../base/index.ts';
import { addressOf, fetchBlob } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { LaneQueue } from '../api/lane-queue.ts';
import type { DriftSignal, DriftView } from '../api/types.ts';
import { useInSight } from '../state/use-element.ts';
import { type BoxedFrame, drawBoxes } from '../ui/draw-boxes.ts';
import { formatFixed, formatNumber } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';

import { signalWords } from './words.ts';

/** What the camera showed when the alarm was raised: the small grey picture that came with it. */
export function EvidenceView({ view, label }: { view: DriftView; label: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const cells = fromBase64(view.grey);
    const image = context.createImageData(view.width, view.height);
    for (let cell = 0; cell < view.width * view.height; cell++) {
      const luma = cells[cell] ?? 0;
      image.data.set([luma, luma, luma, 255], 4 * cell);
    }
    context.putImageData(image, 0, 0);
  }, [view]);
  return (
    <canvas
      ref={canvas}
      class="evidence-picture"
      role="img"
      aria-label={label}
      width={view.width}
      height={view.height}
    />
  );
}

/** A device sends each picture in pieces: many at once would all come late. */
const lanes = new LaneQueue(3);

/** The frame that the device kept, in full; it is fetched from the device when it comes in sight. */
export function EvidenceFrame(props: {
  device: string;
  frame: string;
  label: string;
  /** What the model saw, to be drawn over it. */
  boxes?: BoxedFrame;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'asked' | 'shown' | Failure>('asked');
  const wanted = useInSight(host) || state === 'shown';
  useEffect(() => {
    if (!wanted) return;
    const stop = new AbortController();
    const show = async (): Promise<void> => {
      try {
        const params = { id: props.device, frame: props.frame };
        const address = addressOf('GET /devices/:id/frames/:frame', { params });
        const blob = await lanes.run(() => fetchBlob(address, stop.signal), stop.signal);
        const image = await createImageBitmap(blob);
        const element = canvas.current;
        if (stop.signal.aborted || element === null) return;
        element.width = image.width;
        element.height = image.height;
        const context = element.getContext('2d');
        context?.drawImage(image, 0, 0);
        // Lines and words as wide as they are in a picture of 480 pixels.
        if (context && props.boxes)
          drawBoxes(context, props.boxes, Math.max(1, image.width / 480), ['boxes', 'names']);
        image.close();
        setState('shown');
      } catch (error) {
        if (!stop.signal.aborted) setState(asFailure(error));
      }
    };
    show();
    return () => stop.abort();
  }, [props.device, props.frame, wanted]);
  return (
    <div ref={host} class="evidence-frame">
      {state === 'asked' && <p class="sub">Requesting the frame from the device…</p>}
      {typeof state === 'object' && (
        <p class="sub" role="alert">
          {state.message} {state.remedy}
        </p>
      )}
      <canvas
        ref={canvas}
        class={`evidence-picture${state === 'shown' ? '' : ' off-screen'}`}
        role="img"
        aria-label={props.label}
      />
    </div>
  );
}

const mostDeviations = 12;

/** Signals with how far each lies from what is usual; the bar begins in the middle. */
export function SignalTable({ signals }: { signals: readonly DriftSignal[] }): JSX.Element {
  return (
    <Table
      class="signals"
      columns={[
        'Signal',
        { title: 'Now', number: true },
        { title: 'Usual', number: true },
        { title: 'Deviations', class: 'signal-head' },
      ]}
    >
      {signals.map((signal) => (
        <tr key={signal.name}>
          <th scope="row" title={signal.name}>
            {signalWords(signal.name)}
          </th>
          <td class="number">{formatNumber(signal.value)}</td>
          <td class="number">{formatNumber(signal.usual)}</td>
          <td>
            <DeviationBar deviations={signal.deviations} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function DeviationBar({ deviations }: { deviations: number }): JSX.Element {
  const share = Math.min(1, Math.abs(deviations) / mostDeviations);
  const width = `${(share * 50).toFixed(1)}%`;
  const far = Math.abs(deviations) >= 4;
  return (
    <span class="deviation">
      <span class="deviation-track" aria-hidden="true">
        <span
          class={`deviation-bar${far ? ' deviation-far' : ''}`}
          style={deviations < 0 ? { width, right: '50%' } : { width, left: '50%' }}
        />
      </span>
      <span class="deviation-value">
        {deviations > 0 ? '+' : ''}
        {formatFixed(deviations, 1)}
      </span>
    </span>
  );
}
