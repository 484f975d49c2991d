import { MissingError } from '../../base/index.ts';

export function enrolmentOff(): MissingError {
  return new MissingError(
    'enrolment-off',
    'This controller enrols no devices: it has no device listener.',
    'Give it `devices.names` in its settings: the names or addresses under which devices reach it.',
  );
}
