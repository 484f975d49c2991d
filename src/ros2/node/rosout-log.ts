import { type Clock, type Log, type LogFields, type LogLevel, logLevels } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import { rosLogLevels, writeLogLine } from '../messages/log.ts';
import type { RosNode, RosPublisher } from './node-port.ts';
import { qosProfiles } from './qos.ts';

type Level = keyof typeof rosLogLevels;

/** A line that is longer is cut: whoever reads it is a person. */
const longestLine = 1000;
/** A fault that tells itself with each picture must not fill the graph. */
const linesPerSecond = 20;
/** Whoever listens on the graph may be anybody. */
const secret = /password|token|secret|key|authorization|credential/i;

/** What the lines of one node share, children of the log too. */
interface Outlet {
  publisher: RosPublisher | undefined;
  name: string;
  second: number;
  lines: number;
  busy: boolean;
}

/** A log whose lines are also on `/rosout` once a node is there, from `least` on (default info). Fields that sound like secrets are left out. */
export class RosoutLog implements Log {
  readonly #inner: Log;
  readonly #least: number;
  readonly #clock: Clock;
  readonly #fields: LogFields;
  readonly #outlet: Outlet;
  readonly #writer = new CdrWriter();

  constructor(inner: Log, clock: Clock, least: LogLevel = 'info', fields: LogFields = {}, outlet?: Outlet) {
    this.#inner = inner;
    this.#least = logLevels.indexOf(least);
    this.#clock = clock;
    this.#fields = fields;
    this.#outlet = outlet ?? { publisher: undefined, name: '', second: 0, lines: 0, busy: false };
  }

  attach(node: RosNode): void {
    const { namespace, name } = node.name;
    // As rcl names the logger of a node: robot1.goshawk.
    this.#outlet.name = [...namespace.split('/'), name].filter((part) => part !== '').join('.');
    this.#outlet.publisher = node.advertise('/rosout', 'rcl_interfaces/msg/Log', qosProfiles.rosout);
  }

  detach(): void {
    this.#outlet.publisher = undefined;
  }

  debug(message: string, fields?: LogFields): void {
    this.#inner.debug(message, fields);
    this.#publish('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#inner.info(message, fields);
    this.#publish('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#inner.warn(message, fields);
    this.#publish('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#inner.error(message, fields);
    this.#publish('error', message, fields);
  }

  child(fields: LogFields): Log {
    return new RosoutLog(
      this.#inner.child(fields),
      this.#clock,
      logLevels[this.#least],
      { ...this.#fields, ...fields },
      this.#outlet,
    );
  }

  #publish(level: Level, message: string, fields: LogFields = {}): void {
    const outlet = this.#outlet;
    if (logLevels.indexOf(level) < this.#least) return;
    // A line about a line that can't be published goes nowhere.
    if (outlet.publisher === undefined || outlet.busy || !this.#mayTell()) return;
    outlet.busy = true;
    try {
      outlet.publisher.publish(
        writeLogLine(this.#writer, {
          ...{ stampNs: this.#clock.wallNs(), level: rosLogLevels[level], name: outlet.name },
          message: lineOf(message, { ...this.#fields, ...fields }),
          ...{ file: '', function: '', line: 0 },
        }),
      );
    } catch {
      // The log itself has the line.
    } finally {
      outlet.busy = false;
    }
  }

  #mayTell(): boolean {
    const outlet = this.#outlet;
    const second = Math.floor(this.#clock.monotonicMs() / 1000);
    outlet.lines = second === outlet.second ? outlet.lines + 1 : 1;
    outlet.second = second;
    return outlet.lines <= linesPerSecond;
  }
}

function lineOf(message: string, fields: LogFields): string {
  const words = Object.entries(fields)
    .filter(([name, value]) => !secret.test(name) && ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name}=${value}`);
  return [message, ...words].join(' ').slice(0, longestLine);
}
