import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CameraRules, DeviceDetail, DeviceSummary, PreviewFrame } from '../api/types.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { CheckMenu } from '../ui/check-menu.tsx';
import { colorOf, drawBoxes } from '../ui/draw-boxes.ts';
import { count, formatDuration, formatLatency, objectsIn, unknown } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { type Layer, layers, storedLayers, storeLayers } from '../ui/layers.ts';
import { saveAs } from '../ui/save-as.ts';
import { Empty, Panel, Segments, Tag } from '../ui/widgets.tsx';
import { drawRules } from './draw-rules.ts';
import { type PictureState, pictureState } from './picture-age.ts';
import { type PreviewState, watchPreview } from './preview.ts';
import { rulesInForce } from './rules.ts';
import { DrawingLayer, RulesEditor, useRulesEditing } from './rules-editor.tsx';

export function LiveView(props: {
  detail: DeviceDetail;
  reload: () => void;
  /** One camera and no choice. */
  only?: string;
}): JSX.Element {
  const { detail, reload, only } = props;
  const device = detail.summary;
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [paused, setPaused] = useState(false);
  const [shown, setShown] = useState(storedLayers);
  const camera = only ?? device.cameras.find((name) => name === chosen) ?? device.cameras[0];
  return (
    <Panel
      title="Live view"
      icon="camera"
      class="panel-flush live"
      aside={
        <div class="tools">
          {only === undefined && device.cameras.length > 1 && (
            <Segments
              label="Camera"
              options={device.cameras.map((name) => [name, name] as const)}
              chosen={camera}
              choose={setChosen}
            />
          )}
          <CheckMenu
            name="Layers"
            options={layers}
            chosen={shown}
            onChange={(chosen) => {
              storeLayers(chosen);
              setShown(chosen);
            }}
          />
          <button
            type="button"
            class="button-icon"
            aria-label={paused ? 'Resume the live view' : 'Pause the live view'}
            title={paused ? 'Resume' : 'Pause'}
            onClick={() => setPaused(!paused)}
          >
            <Icon name={paused ? 'play' : 'pause'} />
          </button>
          <button
            type="button"
            class="button-icon"
            aria-label="Save the picture"
            title="Save the picture, with the layers that are shown"
            onClick={({ currentTarget }) =>
              saveSnapshot(currentTarget.closest('.live'), `${device.id}-${camera}`)
            }
          >
            <Icon name="snapshot" />
          </button>
          <button
            type="button"
            class="button-icon"
            aria-label="Show the live view in full screen"
            title="Full screen (Escape ends it)"
            onClick={({ currentTarget }) =>
              void currentTarget.closest('.live')?.querySelector('.stage')?.requestFullscreen()
            }
          >
            <Icon name="expand" />
          </button>
        </div>
      }
    >
      {camera === undefined ? (
        <Empty icon="camera" title="This device has not reported a camera yet" />
      ) : (
        <CameraView {...{ detail, camera, paused, reload, shown }} key={camera} />
      )}
    </Panel>
  );
}

function CameraView(props: {
  detail: DeviceDetail;
  camera: string;
  paused: boolean;
  reload: () => void;
  shown: readonly Layer[];
}): JSX.Element {
  const { detail, camera, paused, reload } = props;
  const device = detail.summary;
  const { me } = useSession();
  const [preview, setPreview] = useState<PreviewState>({ state: 'connecting' });
  const editing = useRulesEditing();
  const [picture, frame, rate] = usePicture(
    preview,
    rulesInForce(detail, camera),
    props.shown,
    <DrawingLayer {...editing} />,
  );
  const watching = device.online && !paused;
  const now = useNow(1000);

  useEffect(() => {
    if (!watching) return;
    return watchPreview(device.id, camera, setPreview);
  }, [device.id, camera, watching]);

  const view = pictureState({
    ...{ device, camera, paused, nowMs: now },
    frame: frame && {
      receivedMs: frame.receivedMs,
      captureToPublishMs: frame.frame.captureToPublishMs,
    },
  });
  const live = view.state === 'live';
  return (
    <>
      <div class={`stage${live ? '' : ' stage-stale'}`}>
        {picture}
        {frame === undefined && <StageNote device={device} preview={preview} paused={paused} />}
        <div class="stage-badge">
          <PictureTag {...view} />
        </div>
      </div>
      {preview.state === 'fault' && frame !== undefined && watching && (
        <p class="stage-fault" role="status">
          {preview.failure.message} {preview.failure.remedy}
        </p>
      )}
      <div class="stage-foot">
        <span>
          Preview <b>{live && rate !== undefined ? `${rate.toFixed(1)} fps` : unknown}</b>
        </span>
        <span>
          This frame <b>{live && frame ? formatLatency(frame.frame.captureToPublishMs) : unknown}</b>
        </span>
        <span>
          Seen <b>{live && frame ? count(frame.frame.detections.length, 'object') : unknown}</b>
        </span>
        {live && frame !== undefined && frame.frame.privacy !== 'plain' && (
          <span title="The device's privacy rule for your role">
            {privacyWords[frame.frame.privacy ?? 'none']}
          </span>
        )}
        <Legend frame={live ? frame?.frame : undefined} />
      </div>
      {mayActAs(me, 'operator') && (
        <RulesEditor detail={detail} camera={camera} editing={editing} reload={reload} />
      )}
    </>
  );
}

/** `none`: from a device that hides nothing yet. */
const privacyWords = { blurred: 'Persons, faces and plates hidden', boxes: 'Boxes only', none: '' };

const pictureWords = {
  frozen: ['error', 'error', 'Frozen'],
  blind: ['error', 'error', 'Blind'],
  held: ['idle', 'pause', 'Held'],
  old: ['warning', 'warning', 'No new frame'],
  offline: ['idle', 'offline', 'Offline'],
} as const;

/** `Live` stands only over a picture of now; over every other stands how old it is. */
function PictureTag({ state, ageMs, what }: PictureState): JSX.Element | null {
  if (state === 'none') return null;
  if (state === 'live') return <Tag tone="ok">Live</Tag>;
  const [tone, icon, word] = pictureWords[state];
  const detail = state === 'blind' && what !== undefined ? `: ${what}` : '';
  return (
    <Tag tone={tone} icon={icon} title={what}>
      {word}
      {detail} · {ageMs === undefined ? 'of an unknown age' : `${formatDuration(ageMs)} old`}
    </Tag>
  );
}

function StageNote(props: { device: DeviceSummary; preview: PreviewState; paused: boolean }): JSX.Element {
  if (!props.device.online) {
    return (
      <Empty icon="offline" title="No image while the device is offline">
        The live view resumes when the device reconnects.
      </Empty>
    );
  }
  if (props.paused) return <Empty icon="pause" title="The live view is paused" />;
  if (props.preview.state === 'fault') {
    return (
      <Empty icon="error" title={props.preview.failure.message}>
        {props.preview.failure.remedy}
      </Empty>
    );
  }
  return (
    <div class="empty" role="status">
      <span class="spinner" aria-hidden="true" />
      <p class="empty-text">Requesting images from the device…</p>
    </div>
  );
}

function Legend({ frame }: { frame: PreviewFrame | undefined }): JSX.Element {
  const labels = [...new Set(frame?.detections.map((detection) => detection.label) ?? [])].sort();
  return (
    <span class="legend">
      {labels.slice(0, 8).map((label) => (
        <span key={label} class="legend-item">
          <span class="legend-swatch" style={{ background: colorOf(label) }} aria-hidden="true" />
          {label}
        </span>
      ))}
    </span>
  );
}

interface Shown {
  readonly frame: PreviewFrame;
  readonly receivedMs: number;
}

/** Two canvases: the picture in its own pixels, the boxes in those of the screen, so that lines are crisp. */
function usePicture(
  preview: PreviewState,
  rules: CameraRules,
  drawn: readonly Layer[],
  layer: JSX.Element,
): [JSX.Element, Shown | undefined, number | undefined] {
  const picture = useRef<HTMLCanvasElement>(null);
  const boxes = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  const arrivals = useRef<number[]>([]);
  const frame = preview.state === 'frame' ? preview : undefined;

  useEffect(() => {
    const image = frame?.image;
    const canvas = picture.current;
    const overlay = boxes.current;
    if (frame === undefined || image === undefined || canvas === null || overlay === null) return;
    if (canvas.width !== image.width || canvas.height !== image.height) {
      canvas.width = image.width;
      canvas.height = image.height;
      // The whole picture fits the window: its width follows from the largest height that is wanted.
      canvas.style.aspectRatio = `${image.width} / ${image.height}`;
      canvas.parentElement?.style.setProperty('--ratio', String(image.width / image.height));
    }
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    image.close();
    redraw(overlay, canvas, { frame: frame.frame, rules, drawn });
    arrivals.current = [
      ...arrivals.current.filter((time) => frame.receivedMs - time < 5000),
      frame.receivedMs,
    ];
    setShown({ frame: frame.frame, receivedMs: frame.receivedMs });
  }, [frame]);

  // Before the page is painted: the first picture shows with its boxes, which had no room while it was hidden.
  useLayoutEffect(() => {
    const canvas = picture.current;
    const overlay = boxes.current;
    if (canvas === null || overlay === null || shown === undefined) return;
    redraw(overlay, canvas, { frame: shown.frame, rules, drawn });
    const observer = new ResizeObserver(() => redraw(overlay, canvas, { frame: shown.frame, rules, drawn }));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [shown, drawn]);

  const times = arrivals.current;
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const rate = times.length < 2 || span <= 0 ? undefined : ((times.length - 1) * 1000) / span;
  const words = shown === undefined ? 'no frame yet' : objectsIn(shown.frame.detections);
  const element = (
    <div
      class={`picture${shown === undefined ? ' picture-hidden' : ''}`}
      role="img"
      aria-label={`Camera image:  ${words}`}
    >
      <canvas ref={picture} class="picture-pixels" />
      <canvas ref={boxes} class="picture-boxes" />
      {layer}
    </div>
  );
  return [element, shown, rate];
}

interface Overlay {
  readonly frame: PreviewFrame;
  readonly rules: CameraRules;
  readonly drawn: readonly Layer[];
}

function redraw(overlay: HTMLCanvasElement, picture: HTMLCanvasElement, what: Overlay): void {
  const area = picture.getBoundingClientRect();
  const ratio = devicePixelRatio;
  const width = Math.round(area.width * ratio);
  const height = Math.round(area.height * ratio);
  if (width === 0 || height === 0) return;
  if (overlay.width !== width || overlay.height !== height) {
    overlay.width = width;
    overlay.height = height;
  }
  const context = overlay.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, width, height);
  if (what.drawn.includes('zones')) drawRules(context, what.rules, what.frame.rules, ratio);
  drawBoxes(context, what.frame, ratio, what.drawn);
}

/** What is seen of a camera, as a file: the picture in its own pixels, and over it the layers that are shown. */
function saveSnapshot(view: Element | null, name: string): void {
  const picture = view?.querySelector<HTMLCanvasElement>('.picture:not(.picture-hidden) .picture-pixels');
  const overlay = view?.querySelector<HTMLCanvasElement>('.picture-boxes');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!picture || !overlay || !context) {
    notify('error', 'There is no picture yet.');
    return;
  }
  // Lines and names are sharp: whichever of the two has more pixels.
  const scale = Math.max(1, overlay.width / picture.width);
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  for (const one of [picture, overlay]) context.drawImage(one, 0, 0, canvas.width, canvas.height);
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  canvas.toBlob((blob) => blob && saveAs(blob, `${name}-${time}.png`), 'image/png');
}
