import { type Day, playDay } from './hot-day.ts';

/** What `npm run bench -- hot-day` prints: the same days with and without the ladder. */
const cameras = {
  front: { fps: 30, targetFps: 15, maxLatencyMs: 120 },
  rear: { fps: 30, targetFps: 15, maxLatencyMs: 120 },
};
const pace: Day['steps'] = [{ step: 'pace' }, { step: 'preview', maxFps: 1 }];
const lighter: Day['steps'] = [...pace, { step: 'slot', slot: 'light' }];
const quiet = () => 0;
const days: Record<string, Pick<Day, 'coolCelsius' | 'heatCelsius' | 'others'>> = {
  'mild day, 18 to 30 °C': { coolCelsius: 18, heatCelsius: 12, others: quiet },
  'hot day, 26 to 48 °C': { coolCelsius: 26, heatCelsius: 22, others: quiet },
  'hottest day, 30 to 56 °C': { coolCelsius: 30, heatCelsius: 26, others: quiet },
  'mild day, another program every hour for 20 minutes': {
    coolCelsius: 18,
    heatCelsius: 12,
    others: (second) => (second % 3600 < 1200 ? 0.45 : 0.05),
  },
};
const share = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`.padStart(8);
console.log('day'.padEnd(52), ' without     pace  lighter   slowed minutes  steps');
for (const [name, day] of Object.entries(days)) {
  const whole = { ...day, cameras, detectorMs: 22, lighter: 0.55 };
  const results = [[], pace, lighter].map((steps) => playDay({ ...whole, steps }));
  console.log(
    name.padEnd(52),
    ...results.map(({ minutesAtTarget, minutes }) => share(minutesAtTarget, minutes)),
    results
      .map(({ throttledMinutes }) => throttledMinutes)
      .join(' / ')
      .padStart(16),
    results
      .map(({ stepsDown }) => stepsDown)
      .join(' / ')
      .padStart(12),
  );
}
