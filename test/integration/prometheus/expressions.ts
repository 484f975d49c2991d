const words = /[a-zA-Z_:][\w:]*/g;

/** Names of the metrics that an expression reads, without the endings of a histogram's parts. */
export function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/\{[^}]*\}/g, '{}').replaceAll(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(words)].map(([word]) => word);
  return names
    .filter((name) => /^(goshawk|process|nodejs|job\w*:|device\w*:)/.test(name))
    .map((name) => (name.includes(':') ? name : name.replace(/_(bucket|sum|count)$/, '')));
}
