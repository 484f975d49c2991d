import { useEffect, useRef, useState } from 'preact/hooks';
import type { FrameReview, FrameVerdict, HardFrame } from '../../api/index.ts';
import { call } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { notify } from '../state/notice.ts';

/** Where frames are kept; without a camera, all of the device's. */
export interface FrameSource {
  readonly device: string;
  readonly camera: string;
}

export interface KeptFrame {
  readonly device: string;
  readonly frame: HardFrame;
}

/** Reviews by device, then id of the frame. */
export type Reviews = Readonly<Record<string, Readonly<Record<string, FrameReview>>>>;

export interface Frames {
  readonly frames: readonly KeptFrame[];
  readonly reviews: Reviews;
  readonly loading: boolean;
  /** Of the last sources that gave no answer. */
  readonly failures: readonly { readonly device: string; readonly failure: Failure }[];
  /** There are frames that were not asked for yet. */
  readonly more: boolean;
  readonly loadMore: () => void;
  readonly review: (kept: KeptFrame, verdict: FrameVerdict | undefined) => Promise<void>;
}

/** Of one device so many at once; of several a few each, as every device is asked over its own line. */
const pageSize = 20;
const sharedPageSize = 4;
const mostSources = 10;

interface Waiting extends FrameSource {
  readonly after: string | undefined;
}

/** Frames of devices with what people think of them, oldest first of each; more of them when somebody wants them. */
export function useFrames(sources: readonly FrameSource[]): Frames {
  const [frames, setFrames] = useState<readonly KeptFrame[]>([]);
  const [reviews, setReviews] = useState<Reviews>({});
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  const [loading, setLoading] = useState(true);
  const [failures, setFailures] = useState<Frames['failures']>([]);
  const turn = useRef(0);
  const key = JSON.stringify(sources);
  const limit = sources.length === 1 ? pageSize : sharedPageSize;

  const load = async (known: readonly KeptFrame[], queue: readonly Waiting[]): Promise<void> => {
    turn.current += 1;
    const own = turn.current;
    setLoading(true);
    setFailures([]);
    const asked = queue.slice(0, mostSources);
    const answers = await Promise.all(asked.map((one) => askFor(one, limit)));
    if (own !== turn.current) return;
    const found = answers.flatMap((answer, at) => {
      const { device } = asked[at]!;
      return 'frames' in answer ? answer.frames.map((frame) => ({ device, frame })) : [];
    });
    setFrames([...known, ...found.sort((a, b) => a.frame.timeMs - b.frame.timeMs)]);
    setReviews((last) => ({
      ...last,
      ...Object.fromEntries(
        answers.flatMap((answer, at) =>
          'frames' in answer ? [[asked[at]!.device, answer.reviews] as const] : [],
        ),
      ),
    }));
    setFailures(
      answers.flatMap((answer, at) =>
        'frames' in answer ? [] : [{ device: asked[at]!.device, failure: answer }],
      ),
    );
    // One that failed is asked again, after the others.
    const left = answers.flatMap((answer, at): Waiting[] => {
      const source = asked[at]!;
      if (!('frames' in answer)) return [source];
      return answer.more ? [{ ...source, after: answer.frames.at(-1)?.id ?? source.after }] : [];
    });
    setWaiting([...queue.slice(mostSources), ...left]);
    setLoading(false);
  };
  useEffect(() => {
    setFrames([]);
    void load(
      [],
      sources.map((source) => ({ ...source, after: undefined })),
    );
  }, [key]);

  const review = async ({ device, frame }: KeptFrame, verdict: FrameVerdict | undefined): Promise<void> => {
    try {
      const body = verdict === undefined ? {} : { verdict };
      const params = { id: device, frame: frame.id };
      const answer = await call('PUT /devices/:id/frames/:frame/review', { params, body });
      setReviews((last) => ({ ...last, [device]: answer.reviews }));
    } catch (error) {
      const { message, remedy } = asFailure(error);
      notify('error', `${message} ${remedy}`);
    }
  };
  return {
    ...{ frames, reviews, loading, failures, review },
    more: waiting.length > 0,
    loadMore: () => void load(frames, waiting),
  };
}

interface Page {
  readonly frames: readonly HardFrame[];
  readonly more: boolean;
  readonly reviews: Readonly<Record<string, FrameReview>>;
}

async function askFor({ device, camera, after }: Waiting, limit: number): Promise<Page | Failure> {
  try {
    const params = { id: device };
    const query = { limit, camera: camera || undefined, after };
    const [{ frames, more }, { reviews }] = await Promise.all([
      call('GET /devices/:id/frames', { params, query }),
      call('GET /devices/:id/frame-reviews', { params }),
    ]);
    return { frames, more, reviews };
  } catch (error) {
    return asFailure(error);
  }
}
