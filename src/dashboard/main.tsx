import { render } from 'preact';
import { App } from './app.tsx';
import { followTheme } from './ui/theme.ts';
import 'leaflet/dist/leaflet.css';
import './ui/theme.css';
import './ui/base.css';
import './ui/shell.css';
import './ui/fleet.css';
import './ui/map.css';
import './ui/now.css';
import './ui/device.css';
import './ui/drift.css';
import './ui/enrolment.css';
import './ui/rollouts.css';
import './ui/data.css';
import { findSession } from './api/sign-in.ts';
import { takeTokenFromAddress } from './api/token.ts';
import { followAddress } from './state/route.ts';

// The token leaves the address bar before anything else reads it.
takeTokenFromAddress();
void findSession();
followTheme();
followAddress();
const host = document.getElementById('app');
if (host !== null) {
  host.textContent = '';
  render(<App />, host);
}
