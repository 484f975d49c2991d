const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `20s`, `1.5m`, `500ms`, `2h`; a bare number is seconds. Milliseconds, or undefined where it is none above zero. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const valueMs = Number(match?.[1]) * unitsMs[(match?.[2] ?? 's') as keyof typeof unitsMs];
  return Number.isFinite(valueMs) && valueMs > 0 ? valueMs : undefined;
}
