import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Labels } from '../../api/index.ts';
import { changeLabels } from '../api/change-labels.ts';
import { addressOf, call, fetchBlob, request, upload } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSending } from '../api/use-sending.ts';
import { mayActOnFleet, useSession } from '../state/app.ts';
import { go } from '../state/route.ts';
import { Choice, Empty, Loading, Problem } from '../ui/widgets.tsx';
import { PinMapView } from './pin-map.tsx';
import { onPlan } from './pins.ts';
import { labelsOfPlace, type PlanPlace } from './places.ts';

interface Picture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** The devices of a site on its plan. An operator of the whole fleet moves them, and uploads the plan. */
export function PlanView(props: {
  devices: readonly DeviceSummary[];
  labels: ReadonlyMap<string, Labels>;
  site: string;
  onSite: (site: string) => void;
  /** Labels were changed here. */
  onLabels: () => void;
}): JSX.Element {
  const { me } = useSession();
  const edits = mayActOnFleet(me, 'operator');
  const answer = useAnswer(request('GET /sites/map'));
  const { busy, failure, send } = useSending();
  const sites = useMemo(
    () => [...new Set([...props.labels.values()].flatMap(({ site }) => site ?? []))].sort(),
    [props.labels],
  );
  const site = sites.includes(props.site) ? props.site : (sites[0] ?? '');
  const plan = answer.data?.plans.find((one) => one.site === site);
  const picture = usePicture(site, plan?.changedMs);
  const { placed, others } = useMemo(
    () => onPlan(props.devices, props.labels, site),
    [props.devices, props.labels, site],
  );
  const shown = picture.data;
  const pins = useMemo(
    () =>
      placed.map(({ place, ...pin }) => ({
        ...pin,
        at: [-place.y * (shown?.height ?? 0), place.x * (shown?.width ?? 0)] as [number, number],
      })),
    [placed, shown],
  );
  if (answer.failure && answer.data === undefined)
    return <Problem failure={answer.failure} retry={answer.reload} />;
  if (answer.data === undefined) return <Loading what="the plans" />;
  if (sites.length === 0)
    return (
      <Empty icon="search" title="No device has a site">
        <p>Set the label site:</p>
        <pre>goshawk device label cam-7 --set site=west</pre>
      </Empty>
    );
  const move = (id: string, place: PlanPlace) =>
    send(async () => {
      await changeLabels(id, labelsOfPlace(place));
      props.onLabels();
    });
  const setPlan = (file: File) =>
    send(async () => {
      await upload('PUT /sites/:site/plan', await file.arrayBuffer(), { params: { site } });
      answer.reload();
    });
  const deletePlan = () =>
    send(async () => {
      await call('DELETE /sites/:site/plan', { params: { site } });
      answer.reload();
    });
  return (
    <>
      <div class="filters">
        <Choice
          label="Site"
          value={site}
          options={sites.map((name) => [name, name] as const)}
          onChange={props.onSite}
        />
        {edits && (
          <label class="button">
            {busy ? 'Sending…' : plan === undefined ? 'Upload a plan' : 'Replace the plan'}
            <input
              class="off-screen"
              type="file"
              accept="image/png,image/jpeg,image/webp"
              disabled={busy}
              onChange={({ currentTarget }) => {
                const [file] = currentTarget.files ?? [];
                currentTarget.value = '';
                if (file !== undefined) void setPlan(file);
              }}
            />
          </label>
        )}
        {edits && plan !== undefined && (
          <button type="button" class="button" disabled={busy} onClick={() => void deletePlan()}>
            Delete the plan
          </button>
        )}
        {edits && plan !== undefined && others.length > 0 && (
          <Choice
            label="Place a device"
            value=""
            options={[['', 'Choose'], ...others.map((id) => [id, id] as const)]}
            onChange={(id) => id !== '' && void move(id, { x: 0.5, y: 0.5 })}
          />
        )}
      </div>
      {failure && <Problem failure={failure} />}
      {picture.failure && <Problem failure={picture.failure} />}
      {plan === undefined && (
        <Empty icon="search" title={`${site} has no plan`}>
          <p>Upload a picture of the site, and place its devices on it.</p>
        </Empty>
      )}
      {plan !== undefined && shown !== undefined && (
        <PinMapView
          key={shown.address}
          label={`Plan of ${site}`}
          kind={shown.address}
          make={(maps, element) =>
            maps.PinMap.ofPlan(
              element,
              {
                onOpen: (id) => go(['devices', id]),
                ...(edits && {
                  onMove: (id, [down, right]) =>
                    void move(id, { x: right / shown.width, y: -down / shown.height }),
                }),
              },
              shown,
            )
          }
          pins={pins}
        />
      )}
      {plan !== undefined && edits && (
        <p class="sub map-note">Drag a device to move it. Its place is in the labels plan-x and plan-y.</p>
      )}
    </>
  );
}

/** The plan with its size in pixels; read again when it changed. */
function usePicture(
  site: string,
  changedMs: number | undefined,
): { readonly data?: Picture; readonly failure?: Failure } {
  const [held, setHeld] = useState<{ readonly data?: Picture; readonly failure?: Failure }>({});
  useEffect(() => {
    setHeld({});
    if (changedMs === undefined) return;
    const stop = new AbortController();
    let address: string | undefined;
    const load = async (): Promise<void> => {
      const blob = await fetchBlob(addressOf('GET /sites/:site/plan', { params: { site } }), stop.signal);
      const image = await createImageBitmap(blob);
      address = URL.createObjectURL(blob);
      const { width, height } = image;
      image.close();
      if (stop.signal.aborted) URL.revokeObjectURL(address);
      else setHeld({ data: { address, width, height } });
    };
    load().catch((error: unknown) => {
      if (!stop.signal.aborted) setHeld({ failure: asFailure(error) });
    });
    return () => {
      stop.abort();
      if (address !== undefined) URL.revokeObjectURL(address);
    };
  }, [site, changedMs]);
  return held;
}
