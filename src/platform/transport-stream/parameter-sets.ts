/** The parameter sets in front of a keyframe (H.264: SPS and PPS; H.265: VPS too), as text to compare; empty: there are none. */
export function parameterSets(keyframe: Buffer, codec: 'h264' | 'h265'): string {
  const sets: Buffer[] = [];
  for (const unit of unitsOf(keyframe)) {
    const type = codec === 'h264' ? unit[0]! & 0x1f : (unit[0]! >> 1) & 0x3f;
    const isPicture = codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
    if (isPicture) break;
    if (codec === 'h264' ? type === 7 || type === 8 : type >= 32 && type <= 34) sets.push(unit);
  }
  // Some cameras repeat them.
  return [...new Set(sets.map((set) => set.toString('base64')))].join(' ');
}

/** NAL units between start codes (Annex B of both), without the zeros behind them. */
function* unitsOf(stream: Buffer): Generator<Buffer> {
  const code = Buffer.from([0, 0, 1]);
  let begin = stream.indexOf(code);
  while (begin >= 0) {
    const next = stream.indexOf(code, begin + 3);
    let end = next < 0 ? stream.length : next;
    while (end > begin + 3 && stream[end - 1] === 0) end -= 1;
    if (end > begin + 3) yield stream.subarray(begin + 3, end);
    begin = next;
  }
}
