/**
 * The databases of one cluster of a crash run: a model that runs the operator's statements, lets in
 * who has the password, and undoes a transaction whose client went away.
 */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { Buffer } from "node:buffer";
import { PortError } from "../../src/ports/errors.ts";
import type { SqlSession } from "../../src/ports/ports.ts";
import type { SqlTarget, SqlText } from "../../src/ports/requests.ts";
import { SqlModel } from "../../src/testing/sql_model.ts";
import type { SeenWrite, Write } from "../support/write_gate.ts";

/** Shows a write to whoever kills, and performs it; `open`: nothing is done by it yet. */
export type Through = <T>(
  write: Write,
  perform: () => Promise<T>,
  open?: "open",
) => Promise<{ readonly result: T; readonly seen: SeenWrite | undefined }>;

export interface CrashDatabase {
  readonly model: SqlModel;
  /** Gives a role a password as the image does when a cluster is made. */
  setPassword(role: string, password: string): void;
  /** Whether a role may log in with a password. */
  accepts(role: string, password: string): boolean;
  /** Opens a session. @throws PortError where the password is wrong */
  open(target: SqlTarget, through: Through): Promise<SqlSession>;
}

const ITERATIONS = 4096;
const WORDS = /^\s*(\w+)/;

/** Makes the databases of a new cluster. */
export function createCrashDatabase(): CrashDatabase {
  const model = new SqlModel();
  const checked = new Map<string, boolean>();
  const accepts = (name: string, password: string): boolean => {
    const role = model.roles.get(name);
    if (role?.verifier === undefined || role.flags.has("NOLOGIN")) return false;
    const key = `${role.verifier} ${password}`;
    const known = checked.get(key) ?? matches(role.verifier, password);
    checked.set(key, known);
    return known;
  };
  return {
    model,
    accepts,
    setPassword(role, password) {
      const found = model.roles.get(role);
      if (found !== undefined) found.verifier = verifierOf(password, `salt of ${role}`);
    },
    open({ database, user, password }, through) {
      if (!accepts(user, password.reveal())) {
        const text = `password authentication failed for user ${user}`;
        return Promise.reject(new PortError(text, "unauthorized"));
      }
      return Promise.resolve(sessionOn(model, database, through));
    },
  };
}

function sessionOn(model: SqlModel, database: string, through: Through): SqlSession {
  let open: { statement: SqlText; seen: SeenWrite | undefined }[] | undefined;
  const commit = () => {
    const statements = open ?? [];
    open = undefined;
    model.apply({ database }, statements.map(({ statement }) => statement));
    // What a transaction has done is done with its end.
    for (const { seen } of statements) if (seen !== undefined) seen.done = true;
    return Promise.resolve();
  };
  return {
    close: () => Promise.resolve(),
    async query(statement) {
      const verb = WORDS.exec(statement.text)?.[1] ?? "";
      const write: Write = { channel: "sql", verb, target: database, body: statement.text };
      if (verb === "BEGIN") {
        open = [];
        await through(write, () => Promise.resolve(), "open");
      } else if (verb === "COMMIT") await through(write, commit, "open");
      else if (open === undefined) {
        await through(write, () => Promise.resolve(model.apply({ database }, [statement])));
      } else {
        const { seen } = await through(write, () => Promise.resolve(), "open");
        open.push({ statement, seen });
      }
      return [];
    },
  };
}

/** https://www.rfc-editor.org/rfc/rfc5803 */
function verifierOf(password: string, salt: string): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const sign = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(sign("Client Key")).digest("base64");
  const salt64 = Buffer.from(salt).toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt64}$${stored}:${sign("Server Key").toString("base64")}`;
}

function matches(verifier: string, password: string): boolean {
  const parts = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(verifier);
  if (parts === null) throw new Error("the model stores SCRAM verifiers alone");
  const [, iterations, salt = "", wanted] = parts;
  const bytes = Buffer.from(salt, "base64");
  const salted = pbkdf2Sync(password, bytes, Number(iterations), 32, "sha256");
  const key = createHmac("sha256", salted).update("Client Key").digest();
  return createHash("sha256").update(key).digest("base64") === wanted;
}
