/**
 * Solves (G + ridge * mean(diag G) * I) X = R for symmetric positive G by Cholesky, in place of G and R.
 * G is n x n, R is n x m, both row-major; the result lies in R. Returns false where G is not positive enough.
 */
export function solveRidge(g: Float64Array, r: Float64Array, n: number, m: number, ridge: number): boolean {
  let trace = 0;
  for (let i = 0; i < n; i += 1) trace += g[i * n + i]!;
  const shift = Math.max((ridge * trace) / n, 1e-12);
  for (let i = 0; i < n; i += 1) g[i * n + i]! += shift;
  return factor(g, n) && substitute(g, r, n, m);
}

/** Lower triangle of g becomes L with L L^T = g. Row by row, so that both operands of the dot product are contiguous. */
function factor(g: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i += 1) {
    const rowI = g.subarray(i * n, i * n + n);
    for (let j = 0; j <= i; j += 1) {
      const rowJ = g.subarray(j * n, j * n + n);
      let sum = rowI[j]!;
      for (let k = 0; k < j; k += 1) sum -= rowI[k]! * rowJ[k]!;
      if (i === j) {
        if (!(sum > 0)) return false;
        rowI[i] = Math.sqrt(sum);
      } else rowI[j] = sum / rowJ[j]!;
    }
  }
  return true;
}

function substitute(l: Float64Array, r: Float64Array, n: number, m: number): boolean {
  for (let i = 0; i < n; i += 1) {
    const target = r.subarray(i * m, i * m + m);
    for (let k = 0; k < i; k += 1) subtract(target, r.subarray(k * m, k * m + m), l[i * n + k]!);
    divide(target, l[i * n + i]!);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    const target = r.subarray(i * m, i * m + m);
    for (let k = i + 1; k < n; k += 1) subtract(target, r.subarray(k * m, k * m + m), l[k * n + i]!);
    divide(target, l[i * n + i]!);
  }
  return r.every(Number.isFinite);
}

function subtract(target: Float64Array, row: Float64Array, factorOf: number): void {
  if (factorOf === 0) return;
  for (let c = 0; c < target.length; c += 1) target[c]! -= factorOf * row[c]!;
}

function divide(target: Float64Array, by: number): void {
  for (let c = 0; c < target.length; c += 1) target[c]! /= by;
}
