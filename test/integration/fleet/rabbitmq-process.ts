import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePort } from '../../contract/brokers.ts';
import { eventually } from './program.ts';

/** Debian's: what is in the path wants to be another user. */
const programs = '/usr/lib/rabbitmq/bin';

export const rabbitmqMissing = existsSync(join(programs, 'rabbitmq-server'))
  ? undefined
  : 'RabbitMQ is not installed (apt-get install rabbitmq-server)';

/** A RabbitMQ of its own, with the files that `goshawk broker config` wrote into its folder. */
export class RabbitmqProcess {
  readonly #port: number;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number, environment: NodeJS.ProcessEnv) {
    this.#port = port;
    this.#folder = folder;
    this.#environment = environment;
  }

  static async start(folder: string, port: number, devices: readonly string[]): Promise<RabbitmqProcess> {
    const file = (name: string) => join(folder, name);
    const [amqp, names, distribution] = [await freePort(), await freePort(), await freePort()];
    // Only what belongs to this machine is changed.
    const conf = readFileSync(file('goshawk.conf'), 'utf8').replace('127.0.0.1:5672', `127.0.0.1:${amqp}`);
    writeFileSync(file('goshawk.conf'), conf);
    writeFileSync(file('plugins'), '[rabbitmq_mqtt,rabbitmq_auth_mechanism_ssl].');
    const broker = new RabbitmqProcess(folder, port, {
      ...process.env,
      ...{ PATH: `${programs}:${process.env.PATH}`, HOME: folder, ERL_EPMD_PORT: String(names) },
      ...{ RABBITMQ_NODENAME: `goshawk-${port}@localhost`, RABBITMQ_DIST_PORT: String(distribution) },
      ...{ RABBITMQ_CONFIG_FILE: file('goshawk.conf'), RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins') },
      ...{
        RABBITMQ_MNESIA_BASE: file('data'),
        RABBITMQ_LOG_BASE: file('log'),
        RABBITMQ_PID_FILE: file('pid'),
      },
    });
    await broker.#begin();
    broker.permit(...devices);
    return broker;
  }

  async #begin(): Promise<void> {
    const child = spawn(join(programs, 'rabbitmq-server'), [], {
      ...{ env: this.#environment, stdio: 'ignore', detached: true },
    });
    this.#child = child;
    await eventually('RabbitMQ listens', async () => child.exitCode !== null || (await answers(this.#port)));
    if (child.exitCode !== null) throw new Error(`RabbitMQ ended with ${child.exitCode}`);
  }

  /** With the script that was printed. */
  permit(...devices: readonly string[]): void {
    execFileSync('sh', [join(this.#folder, 'permissions.sh'), ...devices], {
      ...{ env: this.#environment, stdio: 'pipe' },
    });
  }

  control(...args: readonly string[]): string {
    return execFileSync(join(programs, 'rabbitmqctl'), args, { env: this.#environment, encoding: 'utf8' });
  }

  async restart(): Promise<void> {
    await this.end();
    await this.#begin();
  }

  /** With the service of names that Erlang has started beside it. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    }
    try {
      execFileSync('epmd', ['-kill'], { env: this.#environment, stdio: 'ignore' });
    } catch {
      // It has ended by itself.
    }
  }
}
