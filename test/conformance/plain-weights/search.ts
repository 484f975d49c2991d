const pieceBytes = 24;
const mostPieces = 400;

/** Pieces of a file, evenly over it, that are hardly anywhere else: of weights, not of zeros and names. */
export function piecesOf(bytes: Uint8Array): Buffer[] {
  const pieces: Buffer[] = [];
  const step = Math.max(pieceBytes, Math.floor(bytes.length / mostPieces));
  for (let at = 0; at + pieceBytes <= bytes.length && pieces.length < mostPieces; at += step) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    if (new Set(piece).size >= pieceBytes * 0.7) pieces.push(piece);
  }
  return pieces;
}

/** How many of them are somewhere in there, at whatever place. */
export function piecesFound(bytes: Buffer, pieces: readonly Buffer[]): number {
  return pieces.filter((piece) => bytes.includes(piece)).length;
}
