/**
 * The same samples into Goshawk and into programs that others keep: `npm run bench -- ingest-peers [--devices 100] [--metrics 50]
 * [--rounds 6] [--only prometheus,collectd,...]`. Each device has `metrics` gauges with a sample every second; a round is ten
 * seconds of each, given as fast as the program takes it, in the form that it takes. The first round makes the series and is
 * not counted. Counts processor seconds of the program and of its database from /proc until all is stored, and ten seconds
 * more for what it does later. Needs mosquitto, postgresql, collectd-core, prometheus and victoria-metrics of Debian.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../contract/brokers.ts';
import { startOpenMosquitto } from '../fixtures/open-mosquitto.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { eventually, Program } from '../integration/fleet/program.ts';
import { cpuSecondsOf, FleetLoad, pause } from './fleet-load.ts';
import { benchGauges, benchValue } from './ingest-load.ts';
import { type RemoteSeries, remoteWriteBody } from './remote-write.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '100' },
    metrics: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '6' },
    only: { type: 'string' },
  },
});
const devices = Number(values.devices);
const metrics = Number(values.metrics);
const rounds = Number(values.rounds);
const batchSeconds = 10;
const perRound = devices * metrics * batchSeconds;
const catalogue = benchGauges(metrics);

interface Cost {
  readonly program: number;
  readonly database: number;
  readonly broker: number;
}

/** A program under the load. */
interface Peer {
  /** Resolves when ten seconds of each device, the last of them at `endMs`, are taken. */
  round(endMs: number): Promise<void>;
  /** Samples that are stored, in all. */
  stored(): Promise<number>;
  cost(): Cost;
  close(): Promise<void>;
}

async function goshawk(folder: string, database: 'sqlite' | 'postgres'): Promise<Peer> {
  const server = database === 'postgres' ? await PostgresServer.start({ durable: true }) : undefined;
  const broker = await startOpenMosquitto(folder);
  const config = join(folder, 'controller.json');
  const settings = {
    dataDir: join(folder, 'controller'),
    broker: { url: broker.url },
    http: { port: 0 },
    trust: { mode: 'insecure' },
    quotas: { messagesPerMinute: 1_000_000 },
    ...(server && {
      database: {
        url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
        passwordFile: join(server.folder, 'password'),
      },
    }),
  };
  writeFileSync(config, JSON.stringify(settings));
  const program = Program.goshawk('controller', '--config', config);
  await program.line('started');
  const load = new FleetLoad(broker.url, { devices, catalogue, batchSeconds });
  await load.connect();
  await load.births();
  return {
    round: (endMs) => load.round(endMs),
    // Acknowledged after the commit.
    stored: async () => load.samples,
    cost: () => ({
      program: cpuSecondsOf(program.pid),
      database: server?.cpuSeconds() ?? 0,
      broker: cpuSecondsOf(broker.pid),
    }),
    async close() {
      await load.close();
      await program.end();
      await broker.close();
      await server?.close();
    },
  };
}

/** By remote write, 2,000 samples in a request as Prometheus itself sends them. */
async function remoteWrite(
  program: Program,
  { write, counter, page }: { write: string; counter: RegExp; page: string },
): Promise<Peer> {
  await eventually('it answers', async () => (await fetch(page)).ok);
  const perRequest = Math.max(1, Math.floor(2_000 / (metrics * batchSeconds)));
  return {
    async round(endMs) {
      for (let first = 0; first < devices; first += perRequest) {
        const series: RemoteSeries[] = [];
        for (let device = first; device < Math.min(devices, first + perRequest); device++)
          for (const { alias, name } of catalogue)
            series.push({
              labels: [
                ['__name__', name],
                ['device', `bench-${device}`],
              ],
              points: Array.from({ length: batchSeconds }, (_, second) => [
                endMs - (batchSeconds - 1 - second) * 1000,
                benchValue(alias, second),
              ]),
            });
        const headers = {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        };
        const body = new Uint8Array(remoteWriteBody(series));
        const answer = await fetch(write, { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      }
    },
    async stored() {
      return Number(counter.exec(await (await fetch(page)).text())?.[1] ?? 0);
    },
    cost: () => ({ program: cpuSecondsOf(program.pid), database: 0, broker: 0 }),
    async close() {
      await program.end();
    },
  };
}

async function prometheus(folder: string): Promise<Peer> {
  const port = await freePort();
  writeFileSync(join(folder, 'empty.yml'), '');
  const program = Program.other('prometheus', [
    ...[`--config.file=${join(folder, 'empty.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`],
    ...[`--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver'],
  ]);
  const url = `http://127.0.0.1:${port}`;
  return remoteWrite(program, {
    write: `${url}/api/v1/write`,
    page: `${url}/metrics`,
    counter: /^prometheus_tsdb_head_samples_appended_total\{type="float"\} (\S+)$/m,
  });
}

async function victoriaMetrics(folder: string): Promise<Peer> {
  const port = await freePort();
  const program = Program.other('victoria-metrics', [
    ...[`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`],
  ]);
  const url = `http://127.0.0.1:${port}`;
  return remoteWrite(program, {
    write: `${url}/api/v1/write`,
    page: `${url}/metrics`,
    counter: /^vm_rows_inserted_total\{type="promremotewrite"\} (\S+)$/m,
  });
}

/** What collectd says of a sample, without an index. */
const plainTable =
  'CREATE TABLE sample (at timestamptz, host text, plugin text, plugin_inst text, type text, type_inst text, names text[], types text[], value double precision[])';
const plainInsert = 'INSERT INTO sample VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);';
const example = '/usr/share/doc/collectd-core/examples/postgresql/collectd_insert.sql';

/** By its socket; `documented`: with the tables and the function of its documents, otherwise one INSERT for each sample. */
async function collectd(folder: string, documented: boolean): Promise<Peer> {
  const server = await PostgresServer.start({ durable: true });
  await server.sql(documented ? readFileSync(example, 'utf8') : plainTable);
  // The tables of the example are for today and the next days.
  const statement = documented ? 'SELECT collectd_insert($1, $2, $3, $4, $5, $6, $7, $8, $9);' : plainInsert;
  const socketFile = join(folder, 'socket');
  const file = join(folder, 'collectd.conf');
  mkdirSync(join(folder, 'base'));
  const lines = [
    ...['Hostname "bench"', 'FQDNLookup false', `BaseDir "${join(folder, 'base')}"`, 'Interval 10'],
    ...[`PIDFile "${join(folder, 'pid')}"`, 'PluginDir "/usr/lib/collectd"'],
    ...[
      'TypesDB "/usr/share/collectd/types.db"',
      'LoadPlugin logfile',
      'LoadPlugin unixsock',
      'LoadPlugin postgresql',
      '<Plugin logfile>',
      'File STDERR',
      'LogLevel info',
      '</Plugin>',
    ],
    ...['<Plugin unixsock>', `SocketFile "${socketFile}"`, '</Plugin>', '<Plugin postgresql>'],
    ...['<Writer sqlstore>', `Statement "${statement}"`, '</Writer>', '<Database postgres>'],
    ...['Host "127.0.0.1"', `Port "${server.port}"`, 'User "postgres"', 'Password "long and secret"'],
    ...['SSLMode "disable"', 'Writer sqlstore', 'CommitInterval 1', '</Database>', '</Plugin>', ''],
  ];
  writeFileSync(file, lines.join('\n'));
  const program = Program.other('/usr/sbin/collectd', ['-f', '-C', file]);
  const socket = await opened(socketFile);
  let answers = 0;
  socket.setEncoding('utf8').on('data', (text: string) => {
    answers += text.split('\n').length - 1;
    if (/^-/m.test(text)) throw new Error(text);
  });
  let asked = 0;
  return {
    async round(endMs) {
      for (let device = 0; device < devices; device++) {
        const commands = catalogue.map(({ alias, name }) => {
          const points = Array.from({ length: batchSeconds }, (_, second) => {
            const timeS = Math.round(endMs / 1000) - (batchSeconds - 1 - second);
            return `${timeS}:${benchValue(alias, second)}`;
          });
          return `PUTVAL "bench-${device}/goshawk/gauge-${name}" interval=1 ${points.join(' ')}\n`;
        });
        asked += commands.length;
        if (!socket.write(commands.join(''))) await once(socket, 'drain');
        await eventually('it has taken the values', () => answers === asked, 60_000, 1);
      }
    },
    async stored() {
      if (asked === 0) return 0;
      // A later value commits those before it; its own does not count. FLUSH was tried: collectd 5.12 writes nothing after it.
      socket.write(`PUTVAL "bench/goshawk/gauge-last" interval=1 ${Date.now() / 1000}:-1\n`);
      asked += 1;
      await eventually('it has taken a value', () => answers === asked, 1_800_000, 10);
      const from = documented ? '"values" WHERE value <> -1' : 'sample WHERE value[1] <> -1';
      const [row] = await server.sql(`SELECT count(*)::int AS all FROM ${from}`);
      return Number(row?.all);
    },
    cost: () => ({ program: cpuSecondsOf(program.pid), database: server.cpuSeconds(), broker: 0 }),
    async close() {
      socket.destroy();
      await program.end();
      await server.close();
    },
  };
}

async function opened(path: string): Promise<Socket> {
  let socket: Socket | undefined;
  await eventually('collectd listens', async () => {
    const tried = connect(path);
    await once(tried, 'connect');
    socket = tried;
    return true;
  });
  if (socket === undefined) throw new Error('It does not listen.');
  return socket;
}

const peers: Readonly<Record<string, (folder: string) => Promise<Peer>>> = {
  'goshawk-postgres': (folder) => goshawk(folder, 'postgres'),
  'goshawk-sqlite': (folder) => goshawk(folder, 'sqlite'),
  collectd: (folder) => collectd(folder, true),
  'collectd-plain': (folder) => collectd(folder, false),
  prometheus,
  'victoria-metrics': victoriaMetrics,
};

/** Microseconds of processor time for a sample, without the broker. */
async function measure(name: string, start: (folder: string) => Promise<Peer>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), `goshawk-${name}-`));
  const peer = await start(folder);
  try {
    const startMs = Math.floor(Date.now() / 1000) * 1000 - (rounds + 1) * batchSeconds * 1000;
    const roundAt = (round: number) => peer.round(startMs + round * batchSeconds * 1000);
    const storesAll = (all: number) =>
      eventually(`${name} has stored ${all}`, async () => (await peer.stored()) >= all, 1_800_000, 500);
    const already = await peer.stored();
    await roundAt(0);
    await storesAll(already + perRound);
    const before = peer.cost();
    const beganMs = performance.now();
    for (let round = 1; round <= rounds; round++) await roundAt(round);
    await storesAll(already + (rounds + 1) * perRound);
    const seconds = (performance.now() - beganMs) / 1000;
    await pause(10_000);
    const after = peer.cost();
    const samples = rounds * perRound;
    const of = (part: keyof Cost) => ((after[part] - before[part]) * 1e6) / samples;
    const sum = of('program') + of('database');
    console.log(
      `${name}: ${samples} samples in ${seconds.toFixed(0)} s; us of CPU per sample: program ${of('program').toFixed(2)}, database ${of('database').toFixed(2)}, together ${sum.toFixed(2)}, broker ${of('broker').toFixed(2)}; ${Math.round(1e6 / sum)} samples per CPU second`,
    );
    return sum;
  } finally {
    await peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const wanted = values.only?.split(',') ?? Object.keys(peers);
const costs = new Map<string, number>();
for (const name of wanted) {
  const start = peers[name];
  if (start === undefined) throw new Error(`--only: ${name} is none of ${Object.keys(peers).join(', ')}`);
  costs.set(name, await measure(name, start));
}
for (const ours of ['goshawk-postgres', 'goshawk-sqlite']) {
  const own = costs.get(ours);
  if (own === undefined) continue;
  const ratios = [...costs]
    .filter(([name]) => !name.startsWith('goshawk'))
    .map(([name, cost]) => `${(cost / own).toFixed(2)} x ${name}`);
  console.log(`${ours} stores, per CPU second, ${ratios.join(', ')}`);
}
