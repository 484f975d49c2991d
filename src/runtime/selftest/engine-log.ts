/* What an engine's own log says of it; pure. */

export interface EngineLog {
  /** What the plugin did: whether a frame is one CUDA graph, where tensors lie. */
  readonly notes: readonly string[];
  /** Distinct ones and worse, in their order. */
  readonly warnings: readonly string[];
  /** The beginning and the end, for the report. */
  readonly lines: string[];
}

/** A build says thousands of lines; what it began with and what it ended with are those that count. */
const keptLines = { first: 100, last: 300 } as const;

/** `text`: lines "W text", by severity F, E, W, I, V, and G for the plugin's own; see native/plugins/tensorrt/log_file.h. */
export function readEngineLog(text: string): EngineLog {
  const lines = text.split('\n').filter((line) => line !== '');
  const of = (severities: string) => [
    ...new Set(lines.filter((line) => severities.includes(line[0] ?? '')).map((line) => line.slice(2))),
  ];
  const { first, last } = keptLines;
  const left = lines.length - first - last;
  return {
    notes: of('G'),
    warnings: of('FEW'),
    lines:
      left <= 0 ? lines : [...lines.slice(0, first), `... lines left out: ${left}`, ...lines.slice(-last)],
  };
}

/** For the table: a note as it is, and of warnings how many and the first. */
export function engineLogWords({ notes, warnings }: EngineLog): readonly string[] {
  const [first] = warnings;
  const told = first === undefined ? [] : [`${warnings.length} warnings, the first: ${first}`];
  return [...notes.map((note) => note.replace(/\.$/, '')), ...told];
}
