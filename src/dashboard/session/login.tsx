import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { signInWays } from '../api/sign-in.ts';
import { sessionEnd, signIn } from '../api/token.ts';
import { useValue } from '../observable/value.ts';
import { Icon, Mark } from '../ui/icons.tsx';

/** The door: a token, and where to get one. */
export function Login(): JSX.Element {
  const [text, setText] = useState('');
  const reason = useValue(sessionEnd);
  const provider = useValue(signInWays)?.provider;
  return (
    <main class="login">
      <form
        class="login-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') signIn(text);
        }}
      >
        <Mark />
        <h1>Goshawk</h1>
        <p class="sub">Fleet controller</p>
        {reason && (
          <p class="login-reason" role="alert">
            <Icon name="warning" />
            <span>
              {reason.message} {reason.remedy}
            </span>
          </p>
        )}
        {provider !== undefined && (
          <a class="button button-main" href="auth/sign-in">
            Sign in with {provider}
          </a>
        )}
        <label class="field">
          <span>Access token</span>
          <input
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-main" disabled={text.trim() === ''}>
          Sign in
        </button>
        <p class="sub">
          <code>goshawk demo</code> prints an address that signs you in; <code>goshawk controller</code>{' '}
          prints the file with the first admin token, which creates others with{' '}
          <code>goshawk token create</code>. The token is kept until you close the last tab of the dashboard.
        </p>
      </form>
    </main>
  );
}
