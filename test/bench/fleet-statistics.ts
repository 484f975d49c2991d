/* What false-discovery control and the cohort test do in simulation: `node --import tsx test/bench/fleet-statistics.ts`. */
import { alarmPValue, CohortFleet, channels, falseDiscoveries, judgeCohort } from '../../src/drift/index.ts';
import { seededRandom } from '../../src/drift/random.ts';

const days = 1000;
const windowMs = 86_400_000;
const rate = 0.1;
/** Evidence at which a camera with a false alarm in 30 days raises one. */
const threshold = Math.log(30 * 86_400 * channels.length);

/** The strongest excursion of a healthy camera's day; `drawn` is uniform. */
const healthyDay = (drawn: number) => Math.log(86_400 * channels.length) - Math.log(-Math.log(1 - drawn));

function fleetOf(cameras: number, faulty: number, beyond: number): string {
  const random = seededRandom(cameras + faulty);
  const sum = { alarms: 0, falseAlarms: 0, believed: 0, wrong: 0, share: 0, found: 0 };
  for (let day = 0; day < days; day++) {
    const logs = Array.from({ length: cameras }, (_, i) =>
      i < faulty ? threshold + beyond * random.next() : healthyDay(random.next()),
    );
    const alarmed = logs.flatMap((log, i) => (log >= threshold ? [i] : []));
    const p = alarmed.map((i) => alarmPValue(logs[i]!, windowMs, channels.length));
    const believed = falseDiscoveries(p, cameras, { rate }).map((index) => alarmed[index]!);
    const wrong = believed.filter((i) => i >= faulty).length;
    sum.alarms += alarmed.length / days;
    sum.falseAlarms += alarmed.filter((i) => i >= faulty).length / days;
    sum.believed += believed.length / days;
    sum.wrong += wrong / days;
    sum.share += wrong / Math.max(1, believed.length) / days;
    sum.found += faulty === 0 ? 0 : (believed.length - wrong) / faulty / days;
  }
  const found = faulty === 0 ? '-' : `${(100 * sum.found).toFixed(1)} %`;
  return `| ${cameras} | ${faulty} | ${sum.falseAlarms.toFixed(2)} | ${sum.wrong.toFixed(3)} | ${sum.share.toFixed(3)} | ${found} |`;
}

console.log(
  '| cameras | at fault | false alarms a day | of them believed | false share of the believed | faults believed |',
);
console.log('|--|--|--|--|--|--|');
for (const [cameras, faulty] of [
  [10, 0],
  [100, 0],
  [1000, 0],
  [1000, 1],
  [1000, 10],
  [1000, 100],
  [10_000, 10],
] as const)
  console.log(fleetOf(cameras, faulty, 40));

console.log('\n| background per hour | alarms | called shared though none is |');
console.log('|--|--|--|');
for (const background of [1 / 720, 0.02, 0.1]) {
  const random = seededRandom(5);
  let alarms = 0;
  let wrong = 0;
  for (let hour = 0; hour < 20_000; hour++) {
    const members = Array.from({ length: 24 }, (_, i) => ({
      camera: `c${i}`,
      device: '',
      groups: [`site ${i % 4}`],
      model: 'm',
    }));
    const alarmed = new Set(members.filter(() => random.next() < background).map(({ camera }) => camera));
    for (const camera of alarmed) {
      alarms += 1;
      const verdict = judgeCohort(camera, new CohortFleet(members), alarmed, {
        background,
        alpha: 0.01,
        share: 0.5,
      });
      if (verdict.scope !== 'camera') wrong += 1;
    }
  }
  console.log(`| ${background.toFixed(4)} | ${alarms} | ${wrong} |`);
}

console.log('\n| blind of a site of six, among 24 cameras | called the site |');
console.log('|--|--|');
for (let blind = 1; blind <= 6; blind++) {
  const random = seededRandom(6);
  let found = 0;
  const windows = 2000;
  for (let window = 0; window < windows; window++) {
    const members = Array.from({ length: 24 }, (_, i) => ({
      camera: `c${i}`,
      device: '',
      groups: [`site ${i % 4}`],
      model: 'm',
    }));
    const alarmed = new Set(
      members
        .filter((_, i) => (i % 4 === 0 ? i / 4 < blind : random.next() < 1 / 720))
        .map(({ camera }) => camera),
    );
    const verdict = judgeCohort('c0', new CohortFleet(members), alarmed, {
      background: 1 / 720,
      alpha: 0.01,
      share: 0.5,
    });
    if (verdict.scope === 'group') found += 1;
  }
  console.log(`| ${blind} | ${((100 * found) / windows).toFixed(1)} % |`);
}
