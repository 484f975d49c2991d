import { describeError, type Log } from '../../src/base/index.ts';
import type { Notify } from './notify.ts';

export interface ServicePorts {
  readonly notify: Notify;
  readonly log: Log;
  /** Asked before every sign of life; false lets the watchdog run out, and systemd starts the service anew. */
  readonly isHealthy: () => boolean;
}

/** Messages of a service to its manager. They never fail: a manager that does not listen costs a warning. */
export interface ServiceManager {
  /** The service does its work: units after it may start. Signs of life begin. */
  ready(status: string): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  /** The service is on its way out; signs of life end. */
  stopping(): void;
}

/** Where nobody asked to be told. */
export const unmanaged: ServiceManager = { ready() {}, status() {}, stopping() {} };

/** systemd's protocol sd_notify: READY, STATUS, STOPPING, and WATCHDOG twice in its time. */
export class SystemdService implements ServiceManager {
  readonly #ports: ServicePorts;
  readonly #watchdogMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #complained = false;
  #last: Promise<void> = Promise.resolve();

  /** `watchdogMs`: how long systemd waits for a sign of life; undefined: it does not. */
  constructor(ports: ServicePorts, watchdogMs?: number) {
    this.#ports = ports;
    this.#watchdogMs = watchdogMs;
  }

  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${oneLine(status)}`);
    if (this.#watchdogMs === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#giveSignOfLife(), this.#watchdogMs / 2);
    // Alone it is no reason to go on.
    this.#timer.unref();
  }

  status(text: string): void {
    this.#send(`STATUS=${oneLine(text)}`);
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#send('STOPPING=1');
  }

  /** When everything that was told so far is out. */
  settled(): Promise<void> {
    return this.#last;
  }

  #giveSignOfLife(): void {
    if (this.#ports.isHealthy()) this.#send('WATCHDOG=1');
    else this.#ports.log.error('Not healthy: no sign of life to systemd, which will restart the service');
  }

  /** One after the other: READY must not arrive after STOPPING. */
  #send(text: string): void {
    this.#last = this.#last
      .then(() => this.#ports.notify(text))
      .catch((error: unknown) => this.#complain(error));
  }

  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#ports.log.warn('systemd was not told', { reason: describeError(error) });
  }
}

/** A line end would begin another field. */
const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');
