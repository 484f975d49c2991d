/** What Prometheus reads for an hour and a half, and how many alerts of the rule fire at its end. Values as in `promtool test rules`. */
export interface AlertCase {
  readonly alert: string;
  /** Series by name, as it is while the alert has to fire. */
  readonly fires: Readonly<Record<string, string>>;
  /** The same while it must not; as `fires` where it is left out. */
  readonly quiet: Readonly<Record<string, string>>;
}

const here = 'job="goshawk", instance="fleet:8080"';
const build = { [`goshawk_build_info{${here}, program="controller"}`]: '1x90' };
const requests = (status: string) =>
  `goshawk_controller_http_request_seconds_count{${here}, method="GET", route="/", status="${status}"}`;
const request = (le: string) =>
  `goshawk_controller_http_request_seconds_bucket{${here}, method="GET", route="/", status="2xx", le="${le}"}`;
const commit = (le: string) =>
  `goshawk_controller_database_seconds_bucket{${here}, operation="commit", result="ok", le="${le}"}`;

/** A gauge that is bad, and the same where it is good. */
function gauge(alert: string, series: string, labels: string, bad: number, good: number): AlertCase {
  const name = `${series}{${here}${labels === '' ? '' : `, ${labels}`}}`;
  return { alert, fires: { [name]: `${bad}x90` }, quiet: { [name]: `${good}x90` } };
}

/** Every alert of deploy/prometheus, each with what sets it off and what does not. */
export const alertCases: readonly AlertCase[] = [
  { alert: 'GoshawkControllerDown', fires: { 'up{job="goshawk"}': '0x90' }, quiet: build },
  gauge('GoshawkBrokerDisconnected', 'goshawk_controller_broker_connected', '', 0, 1),
  gauge('GoshawkStorageFailing', 'goshawk_controller_storage_ok', '', 0, 1),
  gauge('GoshawkClockAhead', 'goshawk_controller_clock_ok', '', 0, 1),
  {
    alert: 'GoshawkDatabaseSlow',
    fires: { [commit('1')]: '0x90', [commit('5')]: '0+60x90', [commit('+Inf')]: '0+60x90' },
    quiet: { [commit('1')]: '0+60x90', [commit('5')]: '0+60x90', [commit('+Inf')]: '0+60x90' },
  },
  {
    alert: 'GoshawkRequestsFail',
    fires: { [requests('2xx')]: '0+60x90', [requests('5xx')]: '0+6x90' },
    quiet: { [requests('2xx')]: '0+60x90', [requests('4xx')]: '0+60x90' },
  },
  {
    alert: 'GoshawkRequestsSlow',
    fires: { [request('1')]: '0x90', [request('10')]: '0+60x90', [request('+Inf')]: '0+60x90' },
    quiet: { [request('1')]: '0+60x90', [request('10')]: '0+60x90', [request('+Inf')]: '0+60x90' },
  },
  {
    alert: 'GoshawkEventLoopHeld',
    fires: { ...build, [`nodejs_eventloop_lag_p99_seconds{${here}}`]: '0.9x90' },
    // Of a program that is not Goshawk's.
    quiet: { ...build, 'nodejs_eventloop_lag_p99_seconds{job="other", instance="x"}': '0.9x90' },
  },
  {
    alert: 'GoshawkFilesRunOut',
    fires: { ...build, [`process_open_fds{${here}}`]: '90x90', [`process_max_fds{${here}}`]: '100x90' },
    quiet: { ...build, [`process_open_fds{${here}}`]: '50x90', [`process_max_fds{${here}}`]: '100x90' },
  },
  {
    alert: 'GoshawkTelemetryTurnedAway',
    fires: { [`goshawk_controller_turned_away_total{${here}}`]: '0+5x90' },
    quiet: { [`goshawk_controller_turned_away_total{${here}}`]: '5x90' },
  },
  {
    alert: 'GoshawkAlertMessagesFail',
    fires: { [`goshawk_controller_alert_messages_total{${here}, result="failed"}`]: '0x80 1x9' },
    quiet: { [`goshawk_controller_alert_messages_total{${here}, result="delivered"}`]: '0+1x90' },
  },
  // Time begins at 0: a certificate until the third day, and one until the thirtieth.
  {
    alert: 'GoshawkCertificateExpires',
    fires: {
      [`goshawk_controller_certificate_expiry_timestamp_seconds{${here}, certificate="http"}`]: '259200x90',
    },
    quiet: {
      [`goshawk_controller_certificate_expiry_timestamp_seconds{${here}, certificate="http"}`]: '2592000x90',
    },
  },
  {
    alert: 'GoshawkDevicesOffline',
    fires: {
      [`goshawk_controller_devices{${here}, health="ok"}`]: '80x90',
      [`goshawk_controller_devices{${here}, health="offline"}`]: '20x90',
    },
    quiet: {
      [`goshawk_controller_devices{${here}, health="ok"}`]: '95x90',
      [`goshawk_controller_devices{${here}, health="offline"}`]: '5x90',
    },
  },
  gauge('GoshawkDevicesBlind', 'goshawk_controller_devices', 'health="blind"', 1, 0),
  {
    alert: 'GoshawkDriftAlarm',
    fires: { [drift('alarm', 'true')]: '1x90' },
    quiet: { [drift('notice', 'true')]: '1x90', [drift('alarm', 'false')]: '1x90' },
  },
  gauge('GoshawkDevicesHot', 'goshawk_controller_temperature_celsius', 'cohort="all", stat="p90"', 91, 60),
  gauge('GoshawkDeploymentsFailed', 'goshawk_controller_deployments', 'state="failed"', 2, 0),
  gauge('GoshawkRolloutStopped', 'goshawk_controller_rollouts', 'state="paused"', 1, 0),
  gauge('GoshawkDeviceCertificatesExpire', 'goshawk_controller_device_certificates', 'expires="7d"', 3, 0),
  gauge('GoshawkCameraDisconnected', 'goshawk_camera_connected', 'camera="front"', 0, 1),
  gauge('GoshawkOutboxGrows', 'goshawk_outbox_entries', '', 5_000, 10),
  {
    alert: 'GoshawkAgentDiskLow',
    fires: { [`goshawk_disk_free_bytes{${here}}`]: '5x90', [`goshawk_disk_size_bytes{${here}}`]: '100x90' },
    quiet: { [`goshawk_disk_free_bytes{${here}}`]: '50x90', [`goshawk_disk_size_bytes{${here}}`]: '100x90' },
  },
  gauge('GoshawkTargetMissed', 'goshawk_target_kept', 'camera="front"', 0, 1),
];

function drift(grade: string, believed: string): string {
  return `goshawk_controller_drift_incident{${here}, device="a", camera="b", verdict="sensor-fault", grade="${grade}", believed="${believed}"}`;
}
