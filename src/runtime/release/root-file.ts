/** The roots of the fleet as root of this machine has put them there; deploy/update/run takes no others. */
export const rootOfUpdates = '/etc/goshawk/root.json';
