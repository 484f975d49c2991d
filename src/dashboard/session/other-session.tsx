import type { JSX } from 'preact';
import { answerOffer } from '../api/token.ts';
import { Mark } from '../ui/icons.tsx';

/** A link with another token came while a session is open. */
export function OtherSession(): JSX.Element {
  return (
    <main class="login">
      <section class="login-card" role="alertdialog" aria-labelledby="other-session">
        <Mark />
        <h1 id="other-session">Leave your session?</h1>
        <p>
          This link signs you in with another access token. If you did not expect that, stay: your actions in
          the other session count for the person who made the link.
        </p>
        <button type="button" class="button button-main" onClick={() => answerOffer(false)}>
          Stay signed in
        </button>
        <button type="button" class="button" onClick={() => answerOffer(true)}>
          Use the token of the link
        </button>
      </section>
    </main>
  );
}
