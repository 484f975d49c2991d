import type { JSX } from 'preact';
import { AddDevicePage } from '../enrolment/add-device-page.tsx';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute, route } from '../state/route.ts';
import { ForWholeFleet } from '../ui/for-whole-fleet.tsx';
import { Empty } from '../ui/widgets.tsx';
import { AlertRulesPage } from './alert-rules-page.tsx';
import { GroupsPage } from './groups-page.tsx';
import { maySee, type SettingsPart, settingsParts } from './parts.ts';
import { PeoplePage } from './people-page.tsx';

const pages: Readonly<Record<SettingsPart, () => JSX.Element>> = {
  groups: GroupsPage,
  rules: AlertRulesPage,
  enrolment: AddDevicePage,
  people: PeoplePage,
};

/** What the fleet is set to: groups, rules, who may enter and who may act. */
export function SettingsPage(): JSX.Element {
  const { me } = useSession();
  const asked = useValue(route).path[1] ?? 'groups';
  const part = settingsParts.find((one) => one.part === asked);
  const Part = part && pages[part.part];
  return (
    <>
      <nav class="segments settings-parts" aria-label="Settings">
        {settingsParts
          .filter((one) => maySee(me, one))
          .map(({ part, name }) => (
            <a
              key={part}
              class="segment"
              href={formatRoute(['settings', part])}
              aria-current={part === asked ? 'page' : undefined}
            >
              {name}
            </a>
          ))}
      </nav>
      {Part === undefined ? (
        <Empty icon="search" title="Page not found" />
      ) : part && maySee(me, part) ? (
        <Part />
      ) : me.scope && part && mayActAs(me, part.role) ? (
        <ForWholeFleet scope={me.scope} />
      ) : (
        <Empty icon="search" title={`Only ${part?.role}s can see this page`} />
      )}
    </>
  );
}
