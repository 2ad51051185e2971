/**
 * The way to every change: Kubernetes tries it without storing it, the operator says what it would
 * do, and only then it can be sent. What restarts or takes away something has to be agreed to.
 */

import { useState } from "preact/hooks";
import type { Json } from "../changed_paths.ts";
import { type ApiError, type FieldProblem, part } from "./api.ts";
import { count } from "./format.ts";
import { Empty, Pill, Problem, Section } from "./parts.tsx";
import { mayWrite, send } from "./session.ts";
import type { Tone } from "./state.ts";

/** A plan as `postgres-operator plan --json` has it. */
interface Plan {
  readonly effect: string;
  readonly changes: readonly {
    readonly object: string;
    readonly verb: string;
    readonly effect: string;
    readonly reasons: readonly string[];
  }[];
  readonly held: readonly {
    readonly subject: string;
    readonly kind: string;
    readonly reason: string;
  }[];
}

/** A change that is not sent yet. */
export interface Change {
  /** Another text is another change: what was seen of this one no longer counts. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** What the manifest would be. */
  readonly manifest: Json;
  /** Sends it; with `trial` Kubernetes checks it and stores nothing. @throws ApiError */
  readonly send: (trial: boolean) => Promise<unknown>;
  /** On the button that sends it. */
  readonly verb: string;
}

interface Previewed {
  readonly id: string;
  readonly plan: Plan | undefined;
  /** Why there is no plan. */
  readonly unknown: string | undefined;
}

interface BarProps {
  /** Undefined where there is nothing to send, or what there is cannot be sent. */
  readonly change: Change | undefined;
  /** After it was sent. */
  readonly done: () => void;
  /** Fields that Kubernetes or the operator refuses. */
  readonly refused?: (fields: readonly FieldProblem[]) => void;
}

export function ChangeBar({ change, done, refused = () => {} }: BarProps) {
  const [previewed, setPreviewed] = useState<Previewed>();
  const [error, setError] = useState<string>();
  const [agreed, setAgreed] = useState("");
  const [busy, setBusy] = useState(false);
  const seen = change !== undefined && previewed?.id === change.id ? previewed : undefined;
  const attempt = async (run: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    refused([]);
    await run().catch((error: ApiError) => {
      setPreviewed(undefined);
      setError(refusalOf(error));
      refused(error.fields);
    });
    setBusy(false);
  };
  const preview = (wanted: Change) =>
    attempt(async () => {
      if (mayWrite.value) await wanted.send(true);
      setPreviewed({ id: wanted.id, ...await planOf(wanted) });
    });
  const apply = (wanted: Change) =>
    attempt(async () => {
      await wanted.send(false);
      done();
    });
  const question = seen && questionOf(seen);
  const ready = seen !== undefined && mayWrite.value && !busy &&
    (question === undefined || agreed === seen.id);
  return (
    <>
      {error && <Problem>{error}</Problem>}
      {seen && <Outcome seen={seen} />}
      {seen && question !== undefined && mayWrite.value && (
        <label class="check agree">
          <input
            type="checkbox"
            checked={agreed === seen.id}
            onChange={(event) => setAgreed(event.currentTarget.checked ? seen.id : "")}
          />
          {question}
        </label>
      )}
      <p class="buttons">
        <button
          type="button"
          class={seen ? "" : "main"}
          disabled={change === undefined || busy}
          onClick={() => change && preview(change)}
        >
          {busy ? "Asking …" : "Preview"}
        </button>
        <button
          type="button"
          class={seen?.plan?.effect === "destructive" ? "danger" : seen ? "main" : ""}
          disabled={!ready}
          onClick={() => change && apply(change)}
        >
          {change?.verb ?? "Apply"}
        </button>
        {!mayWrite.value && <span class="muted">This UI is read-only.</span>}
      </p>
    </>
  );
}

async function planOf({ namespace, name, manifest }: Change): Promise<Omit<Previewed, "id">> {
  try {
    const path = `clusters/${part(namespace)}/${part(name)}/plan`;
    return { plan: await send<Plan>("POST", path, manifest), unknown: undefined };
  } catch (error) {
    return { plan: undefined, unknown: (error as ApiError).message };
  }
}

function refusalOf({ status, message }: ApiError): string {
  if (status !== 409) return message;
  return `Somebody has changed it meanwhile. Copy what you need, and load it again. (${message})`;
}

/** What has to be agreed to before it is sent; undefined for what disturbs nothing. */
function questionOf({ plan }: Previewed): string | undefined {
  switch (plan?.effect) {
    case "none":
    case "reload":
      return undefined;
    case "restart":
      return "Pods or PostgreSQL restart: connections break. Go on.";
    case "destructive":
      return "Something is taken away for good. Go on.";
    default:
      return "Go on without knowing what the operator would do.";
  }
}

const WORDS: Readonly<Record<string, string>> = {
  make: "is made",
  change: "is changed",
  remake: "is deleted and recreated",
  delete: "is deleted",
  tell: "is told",
  restart: "restarts",
  run: "is run",
};

const TONES: Readonly<Record<string, Tone>> = {
  none: "good",
  reload: "busy",
  restart: "warn",
  destructive: "bad",
};

const CONSEQUENCES: Readonly<Record<string, string>> = {
  none: "nothing that runs is disturbed",
  reload: "PostgreSQL reloads its configuration",
  restart: "pods or PostgreSQL restart",
  destructive: "something is taken away for good",
};

function Outcome({ seen: { plan, unknown } }: { seen: Previewed }) {
  return (
    <Section title="What the operator would do">
      {mayWrite.value && (
        <p class="aside">
          <Pill tone="good">accepted</Pill> Kubernetes would store it.
        </p>
      )}
      {plan === undefined
        ? (
          <p class="aside">
            <Pill tone="warn">unknown</Pill> There is no plan: {unknown}.
          </p>
        )
        : <Shown plan={plan} />}
    </Section>
  );
}

function Shown({ plan: { effect, changes, held } }: { plan: Plan }) {
  return (
    <>
      <p class="aside">
        <Pill tone={TONES[effect] ?? "idle"}>{effect === "none" ? "harmless" : effect}</Pill>{" "}
        {count(changes.length, "change")}; {CONSEQUENCES[effect]}.
      </p>
      {changes.length === 0 && <Empty>There would be nothing to do.</Empty>}
      {changes.length > 0 && (
        <ol class="plan">
          {changes.map(({ object, verb, effect, reasons }) => (
            <li key={verb + object}>
              <p class="step">
                <span class="action">{object} {WORDS[verb] ?? verb}</span>
                {effect !== "none" && <Pill tone={TONES[effect] ?? "idle"}>{effect}</Pill>}
              </p>
              <ul class="evidence">{reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
            </li>
          ))}
        </ol>
      )}
      {held.length > 0 && (
        <ul class="held">
          {held.map(({ subject, kind, reason }) => (
            <li key={subject + reason}>
              <Pill tone={kind === "refused" ? "bad" : "busy"}>{kind}</Pill>{" "}
              <strong>{subject}</strong> {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
