import { render } from 'preact';
import { App } from './app.tsx';
import { followTheme } from './look/theme.ts';
import './look/theme.css';
import './look/base.css';
import './look/shell.css';
import './look/fleet.css';
import './look/device.css';
import './look/drift.css';
import { takeTokenFromAddress } from './session/token.ts';
import { followAddress } from './state/route.ts';

// The token leaves the address bar before anything else reads it.
takeTokenFromAddress();
followTheme();
followAddress();
const host = document.getElementById('app');
if (host !== null) {
  host.textContent = '';
  render(<App />, host);
}
