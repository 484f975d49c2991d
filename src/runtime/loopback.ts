/** Whether a host is this machine: what goes there leaves no device. In a URL an IPv6 address has brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
