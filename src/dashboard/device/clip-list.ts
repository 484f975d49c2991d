import { useEffect, useState } from 'preact/hooks';
import { type ApiRequest, request } from '../api/client.ts';
import type { ClipList } from '../api/types.ts';
import { type Answer, useAnswer } from '../api/use-answer.ts';

export type Clip = ClipList['clips'][number];

const refreshMs = 15_000;
/** Each question is answered by the device, over whatever line it has. */
const longRefreshMs = 120_000;
const pageSize = 100;
const mostPages = 20;

/** Every clip that a device keeps, newest first. */
export function useClips(device: string, camera: string | undefined): Answer<readonly Clip[]> {
  const first = request('GET /devices/:id/clips', {
    params: { id: device },
    query: { camera, limit: pageSize },
  });
  const all: ApiRequest<readonly Clip[]> = {
    key: `${first.key} all`,
    send: (signal) => allClips(device, camera, signal),
  };
  const [many, setMany] = useState(false);
  const answer = useAnswer(all, many ? longRefreshMs : refreshMs);
  useEffect(() => setMany((answer.data?.length ?? 0) > pageSize), [answer.data]);
  return answer;
}

async function allClips(
  device: string,
  camera: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly Clip[]> {
  const clips: Clip[] = [];
  for (let page = 0; page < mostPages; page += 1) {
    const query = { camera, limit: pageSize, after: clips.at(-1)?.id };
    const answer = await request('GET /devices/:id/clips', { params: { id: device }, query }).send(signal);
    clips.push(...answer.clips);
    if (!answer.more || answer.clips.length === 0) break;
  }
  return clips.reverse();
}
