import { useEffect, useState } from 'preact/hooks';
import type { FrameReview, FrameVerdict, HardFrame } from '../../api/index.ts';
import { call } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { notify } from '../state/notice.ts';

const pageSize = 20;

export interface Frames {
  readonly frames: readonly HardFrame[];
  readonly reviews: Readonly<Record<string, FrameReview>>;
  readonly loading: boolean;
  readonly failure: Failure | undefined;
  /** The device has newer ones that were not asked for yet. */
  readonly more: boolean;
  readonly loadMore: () => void;
  readonly review: (frame: string, verdict: FrameVerdict | undefined) => Promise<void>;
}

/** Frames of a device, oldest first, with what people think of them; a page more when somebody wants it. */
export function useFrames(device: string, camera: string): Frames {
  const [frames, setFrames] = useState<readonly HardFrame[]>([]);
  const [reviews, setReviews] = useState<Frames['reviews']>({});
  const [more, setMore] = useState(false);
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const params = { id: device };

  const load = async (known: readonly HardFrame[]): Promise<void> => {
    setLoading(true);
    setFailure(undefined);
    try {
      const query = { limit: pageSize, camera: camera || undefined, after: known.at(-1)?.id };
      const [page, verdicts] = await Promise.all([
        call('GET /devices/:id/frames', { params, query }),
        call('GET /devices/:id/frame-reviews', { params }),
      ]);
      setFrames([...known, ...page.frames]);
      setMore(page.more);
      setReviews(verdicts.reviews);
    } catch (error) {
      setFailure(asFailure(error));
    }
    setLoading(false);
  };
  useEffect(() => {
    setFrames([]);
    void load([]);
  }, [device, camera]);

  const review = async (frame: string, verdict: FrameVerdict | undefined): Promise<void> => {
    try {
      const body = verdict === undefined ? {} : { verdict };
      const answer = await call('PUT /devices/:id/frames/:frame/review', {
        params: { ...params, frame },
        body,
      });
      setReviews(answer.reviews);
    } catch (error) {
      const { message, remedy } = asFailure(error);
      notify('error', `${message} ${remedy}`);
    }
  };
  return { frames, reviews, loading, failure, more, loadMore: () => void load(frames), review };
}
