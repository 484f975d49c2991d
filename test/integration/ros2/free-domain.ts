let used = 0;

/**
 * A domain that another run of the same tests on this machine hardly has: two of them in one would take each other's pictures.
 * From 1 to 100: above, the ports of a domain may be those that the kernel gives to anybody.
 */
export function freeDomain(): number {
  used += 1;
  return ((process.pid + 31 * used) % 100) + 1;
}
