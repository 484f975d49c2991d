/** A number in [0, 1) out of six random bytes: as fine as a double has room for is more than noise on counts needs. */
export function uniformOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 256 ** bytes.length;
}
