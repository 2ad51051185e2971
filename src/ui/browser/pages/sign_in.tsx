/** Signing in with a token of Kubernetes. */

import { useState } from "preact/hooks";
import type { ApiError } from "../api.ts";
import { Problem, Title } from "../parts.tsx";
import { session, signIn } from "../session.ts";

export function SignInPage() {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (session.value?.signIn !== "token") {
    return (
      <>
        <Title document="Sign in">Sign in</Title>
        <Problem>
          A proxy signs people in here, and this request did not come through it.
        </Problem>
      </>
    );
  }
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    await signIn(token.trim()).catch((error: ApiError) =>
      setError(error.status === 401 ? "Kubernetes does not take this token." : error.message)
    );
    setBusy(false);
  };
  return (
    <form class="narrow" onSubmit={submit}>
      <Title document="Sign in">Sign in</Title>
      <p class="lead">
        With your own token of Kubernetes. You see and change here what you may see and change with
        kubectl, and nothing else.
      </p>
      {error && <Problem>{error}</Problem>}
      <label class="field">
        Token
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p>
        <button type="submit" class="main" disabled={busy || token.trim() === ""}>Sign in</button>
      </p>
      <p class="muted">
        <code>kubectl create token SERVICEACCOUNT</code> makes one for a service account.
      </p>
    </form>
  );
}
