import { MissingError } from '../../src/base/index.ts';
import type { ReferenceAnswers, ReferenceRequest } from '../../src/controller/index.ts';
import type { CallResultOf } from '../../src/protocol/index.ts';

type Challenge = ReferenceRequest['challenges'][number];
export type FoundByModel = CallResultOf<'challenge'>['answers'][number];

/** What toy models find on changed pictures: a box that goes where the picture was rolled to, and moves with the model. */
export class FakeReferences implements ReferenceAnswers {
  /** By digest: how many pixels its boxes are off. Others can't be run. */
  readonly models = new Map<string, number>();
  readonly asked: ReferenceRequest[] = [];

  async answer(request: ReferenceRequest): Promise<readonly FoundByModel[]> {
    this.asked.push(request);
    const off = this.models.get(request.model);
    if (off === undefined) throw new MissingError('blob-unknown', 'The registry has it only encrypted.', '');
    return request.challenges.map((challenge) => toyAnswer(challenge, off));
  }
}

export function toyAnswer({ right, down, mirrored }: Challenge, off: number): FoundByModel {
  const [x, y] = [(right % 640) + (mirrored ? 300 : 0) + off, down % 360];
  return [{ label: 'car', score: 0.9, box: [x, y, x + 40, y + 40] }];
}
