/** What may be asked of the operator beside changes of the manifest, each with its preview. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DetailView, RequestView } from "../../../debug/overview_shapes.ts";
import { patched } from "../../changed_paths.ts";
import { type ApiError, ask, part } from "../api.ts";
import { ChangeBar } from "../change_bar.tsx";
import { Select, TextField } from "../fields.tsx";
import { age, count } from "../format.ts";
import { editable, type Manifest } from "../manifest.ts";
import { Empty, Pill, Problem, Section, Title, Trail, useAsked } from "../parts.tsx";
import {
  type Action,
  ACTIONS,
  type Arguments,
  kubectlLine,
  newId,
  requestPatch,
  requestText,
  standing,
} from "../requests.ts";
import { send } from "../session.ts";
import type { Tone } from "../state.ts";
import { now } from "../store.ts";

export function ActPage({ namespace, name }: { namespace: string; name: string }) {
  const path = `postgresqls/${part(namespace)}/${part(name)}`;
  const [stored, setStored] = useState<Manifest>();
  const [error, setError] = useState<string>();
  const load = () =>
    ask<Manifest>(path).then(setStored, (error: ApiError) => setError(error.message));
  useEffect(() => void load(), [path]);
  const detail = `clusters/${part(namespace)}/${part(name)}/detail`;
  const { value } = useAsked<DetailView>(detail, 3000, stored?.metadata.resourceVersion);
  return (
    <>
      <Trail namespace={namespace} name={name} />
      <Title document={`Act on ${namespace}/${name}`}>Act on {name}</Title>
      <p class="lead">
        Each is an annotation of the manifest: it is done once, and Kubernetes notes who asked.
      </p>
      {error && <Problem>{error}</Problem>}
      {stored === undefined
        ? error === undefined && <Empty>Asking …</Empty>
        : (
          <div class="columns even">
            <Chooser
              key={stored.metadata.resourceVersion}
              stored={stored}
              detail={value}
              path={path}
              load={load}
            />
            <Requests requests={value?.requests ?? []} />
          </div>
        )}
    </>
  );
}

function Chooser({ stored, detail, path, load }: {
  stored: Manifest;
  detail: DetailView | undefined;
  path: string;
  load: () => void;
}) {
  const [what, setWhat] = useState("");
  const [given, setGiven] = useState<Arguments>({});
  const [id] = useState(() => newId(new Date(), Math.random));
  const action = ACTIONS.find((one) => one.what === what);
  const stands = standing(stored, what) !== undefined;
  const text = action?.lasting && stands ? null : requestText(id, given);
  const patch = requestPatch(stored, what, text);
  const { namespace, name } = stored.metadata;
  return (
    <div>
      <form class="sheet" onSubmit={(event) => event.preventDefault()}>
        <fieldset class="choices">
          <legend class="hidden">What to ask for</legend>
          {ACTIONS.map((one) => (
            <Choice
              key={one.what}
              action={one}
              stands={one.lasting === true && standing(stored, one.what) !== undefined}
              chosen={what === one.what}
              choose={() => {
                setWhat(one.what);
                setGiven({});
              }}
            >
              {text !== null && (
                <ArgumentFields what={what} given={given} set={setGiven} detail={detail} />
              )}
            </Choice>
          ))}
        </fieldset>
      </form>
      {action && (
        <>
          <p class="lead">
            The same in a terminal: <code class="line">{kubectlLine(stored, what, text)}</code>
          </p>
          <ChangeBar
            change={{
              id: `${what} ${text}`,
              namespace,
              name,
              manifest: patched(editable(stored), patch),
              verb: text === null ? action.end ?? "End it" : "Ask for it",
              send: (trial) => send("PATCH", trial ? `${path}?dryRun=All` : path, patch),
            }}
            done={load}
          />
        </>
      )}
    </div>
  );
}

function Choice({ action, stands, chosen, choose, children }: {
  action: Action;
  stands: boolean;
  chosen: boolean;
  choose: () => void;
  /** Shown below the chosen one. */
  children: ComponentChildren;
}) {
  return (
    <div class="choice-of">
      <label class="choice">
        <input type="radio" name="action" checked={chosen} onChange={choose} />
        <span>
          <strong>{stands ? action.end : action.title}</strong>
          {stands && <Pill tone="busy">in force</Pill>}
          <span class="hint">{stands ? "The annotation is taken away." : action.tells}</span>
        </span>
      </label>
      {chosen && <div class="choice-fields">{children}</div>}
    </div>
  );
}

function ArgumentFields({ what, given, set, detail }: {
  what: string;
  given: Arguments;
  set: (given: Arguments) => void;
  detail: DetailView | undefined;
}) {
  const field = (name: string) => ({
    value: given[name] ?? "",
    set: (value: string) => set({ ...given, [name]: value }),
  });
  switch (what) {
    case "switchover": {
      const replicas = (detail?.members ?? []).filter(({ role, ready }) =>
        ready && role !== "primary"
      ).map(({ name }) => name);
      const to = field("to");
      const best = "the best replica";
      return (
        <div class="pair">
          <Select
            label="To"
            value={to.value || best}
            set={(value) => to.set(value === best ? "" : value)}
            options={[best, ...replicas]}
          />
          <TextField label="Not before; empty for now" {...field("at")} hint="2026-01-31T22:00Z" />
        </div>
      );
    }
    case "restart": {
      const only = field("only");
      const [all, pending] = ["all pods", "PostgreSQL, where it waits for it"];
      return (
        <Select
          label="What"
          value={only.value === "" ? all : pending}
          set={(value) => only.set(value === all ? "" : "pending")}
          options={[all, pending]}
        />
      );
    }
    case "upgrade-check":
      return (
        <TextField
          label="To version; empty for the version of the manifest"
          {...field("to")}
        />
      );
    default:
      return null;
  }
}

const STATE_TONES: Readonly<Record<string, Tone>> = {
  waiting: "busy",
  started: "busy",
  active: "busy",
  done: "good",
  failed: "bad",
  refused: "warn",
};

/** What was asked for, and what came of it. */
export function Requests({ requests }: { requests: readonly RequestView[] }) {
  return (
    <Section title="What was asked for" note={count(requests.length, "request")}>
      {requests.length === 0 ? <Empty>Nobody has asked for anything.</Empty> : (
        <ul class="plain">
          {requests.map(({ what, id, state, message, time }) => (
            <li key={what + id}>
              <Pill tone={STATE_TONES[state] ?? "idle"}>{state}</Pill> <strong>{what}</strong>{" "}
              <span class="muted">{id}, {age(time, now.value)} ago</span>
              {message !== "" && <p class="message">{message}</p>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
