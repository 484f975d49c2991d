import { createServer } from 'node:net';

/** Above are those that some tests always take; above 100 the ports of a domain may be those that the kernel gives to anybody. */
const domains = 80;

/**
 * A domain that no other test of this machine has: two of them in one would take each other's pictures. The claim is an
 * abstract socket, which ends with its process, however that ends.
 */
export function freeDomain(): number {
  for (let tries = 0; tries < domains; tries += 1) {
    const domain = ((process.pid + 31 * tries) % domains) + 1;
    if (isClaimed(domain)) return domain;
  }
  throw new Error(`All ${domains} domains are taken: see ss -xl | grep goshawk-test-domain.`);
}

function isClaimed(domain: number): boolean {
  const claim = createServer().on('error', () => {});
  // It listens at once, or says later why it does not.
  claim.listen(`\0goshawk-test-domain-${domain}`).unref();
  return claim.listening;
}
