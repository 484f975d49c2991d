/**
 * URL of a module beside the caller's that is loaded by its address: `moduleUrl('./worker', import.meta.url)`. It is
 * TypeScript in the checkout and JavaScript in the built package, as the caller's.
 */
export function moduleUrl(name: string, callersUrl: string): URL {
  return new URL(`${name}${callersUrl.endsWith('.ts') ? '.ts' : '.js'}`, callersUrl);
}
