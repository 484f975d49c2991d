import type { ReferenceProfile } from './schema.ts';

/**
 * A part of a profile that is small enough to be taken over between two frames. The whole of one takes a thread several
 * milliseconds to take in, in whatever form it comes.
 */
export interface ProfilePiece {
  /** Everything but the long lists; in the first piece alone. */
  readonly rest?: ReferenceProfile;
  readonly buckets?: ReferenceProfile['buckets'];
  readonly trees?: ReferenceProfile['forest']['trees'];
}

/** Numbers of trees in one piece: some 0.2 ms. */
const numbersPerPiece = 4000;

export function takeApart(profile: ReferenceProfile): ProfilePiece[] {
  const { buckets, forest } = profile;
  const pieces: ProfilePiece[] = [
    { rest: { ...profile, buckets: [], forest: { ...forest, trees: [] } } },
    ...buckets.map((bucket) => ({ buckets: [bucket] })),
  ];
  let trees: ReferenceProfile['forest']['trees'] = [];
  let numbers = 0;
  for (const tree of forest.trees) {
    trees.push(tree);
    numbers += 3 * tree.feature.length;
    if (numbers < numbersPerPiece) continue;
    pieces.push({ trees });
    trees = [];
    numbers = 0;
  }
  if (trees.length > 0) pieces.push({ trees });
  return pieces;
}

/** Puts the pieces together, in their order. Undefined where there is no first one. */
export function putTogether(pieces: readonly ProfilePiece[]): ReferenceProfile | undefined {
  const rest = pieces[0]?.rest;
  return (
    rest && {
      ...rest,
      buckets: pieces.flatMap(({ buckets }) => buckets ?? []),
      forest: { ...rest.forest, trees: pieces.flatMap(({ trees }) => trees ?? []) },
    }
  );
}
