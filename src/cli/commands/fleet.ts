import type { Command } from 'commander';
import { examples } from '../command.ts';
import { addAccess } from '../fleet/access.ts';
import { addAlerts } from '../fleet/alerts.ts';
import { addApprovals } from '../fleet/approvals.ts';
import { addClips } from '../fleet/clips.ts';
import { addDevices } from '../fleet/devices.ts';
import { addDrift } from '../fleet/drift.ts';
import { addEnrolment } from '../fleet/enrolment.ts';
import { addEvents } from '../fleet/events.ts';
import { addFrames } from '../fleet/frames.ts';
import { addGroups } from '../fleet/groups.ts';
import { addInspect } from '../fleet/inspect.ts';
import { addLearn } from '../fleet/learn.ts';
import { addModels } from '../fleet/models.ts';
import { addOrders } from '../fleet/orders.ts';
import { addProfile } from '../fleet/profile.ts';
import { addRobot } from '../fleet/robot.ts';
import { addRollouts } from '../fleet/rollouts.ts';
import { addSettings } from '../fleet/settings.ts';
import { addVulnerabilities } from '../fleet/vulnerabilities.ts';

export function fleetCommands(program: Command): void {
  const fleet = program
    .command('fleet')
    .description('look after the devices of a controller')
    .addHelpText(
      'after',
      examples(
        'fleet devices',
        'model push bundle/ && fleet set-model street --group canary --wait',
        'fleet settings --device truck-7 --camera front --score-threshold 0.4',
        'fleet events --severity warning',
        'fleet drift --alarmed',
      ),
    );
  addDevices(fleet);
  addInspect(fleet);
  addRobot(fleet);
  addEvents(fleet);
  addDrift(fleet);
  addProfile(fleet);
  addAlerts(fleet);
  addLearn(fleet);
  addFrames(fleet);
  addClips(fleet);
  addModels(fleet);
  addOrders(fleet);
  addSettings(fleet);
  addGroups(fleet);
  addRollouts(fleet);
  addApprovals(fleet);
  addEnrolment(fleet);
  addAccess(fleet);
  addVulnerabilities(fleet);
}
