import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { refine } from '../state/route.ts';
import { Choice, FilterField } from '../ui/widgets.tsx';
import { type Comparison, timesBefore } from './comparison.ts';

const another = 'device';
const options = [
  ['', 'Nothing'],
  ...timesBefore.map(([key, name]) => [key, name] as const),
  [another, 'Another device'],
] as const;

/** Chooses what the charts of a device are compared with, and keeps it in the address. */
export function CompareChoice(props: { device: string; chosen: Comparison | undefined }): JSX.Element {
  const { device, chosen } = props;
  const [isNaming, setNaming] = useState(false);
  const isDevice = isNaming || chosen?.device !== undefined;
  const choose = (key: string): void => {
    setNaming(key === another);
    refine({ compare: key === another ? '' : key });
  };
  return (
    <div class="compare-choice">
      <Choice
        label="Compare with"
        value={isDevice ? another : (chosen?.key ?? '')}
        options={options}
        onChange={choose}
      />
      {isDevice && <DeviceField device={device} chosen={chosen?.device ?? ''} />}
    </div>
  );
}

const mostFound = 20;

/** The controller searches, so that every device is found, however few of them the page has. */
function DeviceField({ device, chosen }: { device: string; chosen: string }): JSX.Element {
  const [typed, setTyped] = useState(chosen);
  const search = typed.trim().slice(0, 64);
  const { data } = useAnswer(
    request('GET /devices', { query: { search: search || undefined, limit: mostFound } }),
  );
  const found = (data?.devices ?? []).map(({ id }) => id).filter((id) => id !== device);
  return (
    <>
      <FilterField
        label="Device"
        value={chosen}
        hint="Search"
        choices={found}
        onInput={setTyped}
        onChange={(compare) => refine({ compare })}
      />
      {data !== undefined && found.length === 0 && (
        <span class="sub" role="status">
          No other device matches.
        </span>
      )}
    </>
  );
}
