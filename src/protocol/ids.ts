/** Root of every topic: product and major version of the protocol. */
export const root = 'goshawk/1';

/** Name of the controller: its client id at the broker, and whom its own events are about. No device has it. */
export const controllerId = 'controller';

/** A device id is a topic level and a client id: letters, digits, `.`, `_`, `-`; at most 64 characters. */
export const deviceIdPattern = `^(?!${controllerId}$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`;
