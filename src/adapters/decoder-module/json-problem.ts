const mostDepth = 16;

/** Why a value is no JSON, as the end of a sentence; undefined: it is. */
export function jsonProblem(value: unknown, depth = 0): string | undefined {
  if (depth > mostDepth) return `something nested deeper than ${mostDepth} levels, or that holds itself`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value}, which JSON has not`;
  if (typeof value !== 'object') return `${typeof value}, which JSON has not`;
  if (ArrayBuffer.isView(value)) return 'a typed array; make it an array with Array.from';
  const inside = Array.isArray(value) ? value : Object.values(value);
  for (const one of inside) {
    const problem = jsonProblem(one, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
