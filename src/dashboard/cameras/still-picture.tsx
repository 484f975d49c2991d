import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useInSight, useNow } from '../state/use-element.ts';
import { drawBoxes } from '../ui/draw-boxes.ts';
import { formatAgo } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { lastStill, type Still, takeStill } from './still.ts';

/** A picture of a camera, taken again every `everyMs` while it is in sight. Its age stands below it. */
export function StillPicture(props: {
  device: string;
  camera: string;
  /** False: nothing is asked for, and the last one of the session is shown. */
  asks: boolean;
  everyMs: number;
  /** Where there is no picture. */
  otherwise?: JSX.Element | undefined;
}): JSX.Element {
  const { device, camera, asks, everyMs, otherwise } = props;
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [still, setStill] = useState<Still | undefined>(() => lastStill(device, camera));
  const [failed, setFailed] = useState(false);
  const inSight = useInSight(host);
  const now = useNow(5000);

  useEffect(() => {
    if (!asks || !inSight) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = async (): Promise<void> => {
      try {
        if (!document.hidden) setStill(await takeStill(device, camera, stop.signal));
        setFailed(false);
      } catch {
        if (stop.signal.aborted) return;
        setFailed(true);
      }
      if (!stop.signal.aborted) timer = setTimeout(take, everyMs);
    };
    take();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [device, camera, asks, inSight, everyMs]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (still === undefined || element === null || !context) return;
    element.width = still.image.width;
    element.height = still.image.height;
    context.drawImage(still.image, 0, 0);
    // A small picture has no room for names.
    drawBoxes(context, still.frame, 1, ['boxes']);
  }, [still]);

  const isOld = still !== undefined && now - still.receivedMs > 2 * everyMs + 10_000;
  return (
    <div ref={host} class={`still${isOld ? ' still-old' : ''}`}>
      <canvas
        ref={canvas}
        class={still === undefined ? 'off-screen' : 'still-pixels'}
        role="img"
        aria-label={`Last picture of ${device} ${camera}`}
      />
      {still === undefined &&
        (otherwise ?? (
          <span class="still-none">
            <Icon name="camera" />
            {asks && !failed ? 'Waiting for a picture' : 'No picture'}
          </span>
        ))}
      {isOld && <span class="still-age">{formatAgo(still.receivedMs, now)}</span>}
    </div>
  );
}
