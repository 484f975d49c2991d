/**
 * Below 0: `a` is the older one. Epoch, then upstream version, then revision, each by Debian Policy 5.6.12: parts without digits by
 * letters before other signs and `~` before everything, parts of digits by their number.
 */
export function compareDebianVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    left.epoch - right.epoch ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

function split(version: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const cut = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    upstream: cut < 0 ? rest : rest.slice(0, cut),
    revision: cut < 0 ? '' : rest.slice(cut + 1),
  };
}

function comparePart(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    const [wordA = '', wordB = ''] = [/^\D*/.exec(left)?.[0], /^\D*/.exec(right)?.[0]];
    const words = compareWords(wordA, wordB);
    if (words !== 0) return words;
    left = left.slice(wordA.length);
    right = right.slice(wordB.length);
    const [digitsA = '', digitsB = ''] = [/^\d*/.exec(left)?.[0], /^\d*/.exec(right)?.[0]];
    const numbers = compareNumbers(digitsA, digitsB);
    if (numbers !== 0) return numbers;
    left = left.slice(digitsA.length);
    right = right.slice(digitsB.length);
  }
  return 0;
}

function compareWords(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = rank(a[at]) - rank(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `~` before the end, the end before letters, letters before the rest. */
function rank(sign: string | undefined): number {
  if (sign === undefined) return 0;
  if (sign === '~') return -1;
  return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
}

/** Of any length. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
