import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxruntimeDetector } from '../../adapters/onnxruntime/index.ts';
import { silentLog } from '../../base/index.ts';
import { type Bundle, parseManifest } from '../../model/index.ts';
import { answerChallenges } from '../../perception/index.ts';
import { goldenFiles } from '../engines/golden-files.ts';
import type { AnswerJob, AnswerOutcome } from './job.ts';

/** What a network finds on golden pictures that were changed. Both folders hold what is needed of their bundle and no more. */
export async function answerPictures({
  bundle,
  pictures,
  challenges,
  most,
}: AnswerJob): Promise<AnswerOutcome> {
  const shown = await partOf(pictures);
  const rules = { ...(await goldenFiles.read(shown)), most };
  const detector = await OnnxruntimeDetector.create(await partOf(bundle), { log: silentLog });
  try {
    const picture = (file: string) => goldenFiles.picture(shown, file);
    return { answers: await answerChallenges(detector, challenges, picture, rules) };
  } finally {
    await detector.close();
  }
}

async function partOf(folder: string): Promise<Bundle> {
  const manifest = parseManifest(await readFile(join(folder, 'manifest.json'), 'utf8'), folder);
  return { digest: '', manifest, location: folder };
}
