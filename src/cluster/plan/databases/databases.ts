/**
 * The plan of the databases: those that are missing are made, those of `databases` get their owner,
 * and prepared ones get schemas and extensions. Nothing is ever dropped.
 *
 * Zalando: pkg/cluster/sync.go, syncDatabases, syncPreparedDatabases
 */

import type {
  DefaultPrivileges,
  DesiredPreparedDatabase,
  DesiredSchema,
} from "../../desired/roles/databases.ts";
import {
  type Catalog,
  type DatabaseContents,
  MAINTENANCE_DATABASE,
} from "../../observed/catalog.ts";
import { databasePrivileges, schemaPrivileges } from "../../sql/privileges.ts";
import {
  alterDatabaseOwner,
  createDatabase,
  createExtension,
  createSchema,
  moveExtension,
} from "../../sql/statements.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { leftAlone } from "../steps/left_alone.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { fieldPath } from "../compare/difference.ts";

const SUBJECT = "databases";

/** Plans databases. What a new one should hold is planned once it is there to be looked into. */
export function planDatabases(context: PlanContext): SubjectPlan {
  const { catalog } = context.observed;
  const { databases, prepared, problems } = context.desired.databases;
  const left = leftAlone(context, SUBJECT, problems.map(({ message }) => message));
  if (catalog === undefined || !catalog.known) return left;
  const named = new Set(databases.map(({ name }) => name));
  const all = [...databases, ...prepared.filter(({ name }) => !named.has(name))];
  const { databases: existing } = catalog.value;
  return joinPlans([
    left,
    ...all.filter(({ name }) => !existing.has(name))
      .map((database) => planCreation(context, database, catalog.value)),
    ...databases.map((database) => planOwner(context, database, catalog.value)),
    ...prepared.map((database) => planPrepared(context, database, catalog.value)),
  ]);
}

function planCreation(
  context: PlanContext,
  { name, owner }: { readonly name: string; readonly owner: string },
  catalog: Catalog,
): SubjectPlan {
  const missing = missingOwner(context, owner, catalog);
  if (missing !== undefined) {
    return heldPlan(SUBJECT, "waiting", `database ${name} waits: ${missing}`);
  }
  return sqlChange(context, {
    subject: SUBJECT,
    database: MAINTENANCE_DATABASE,
    reasons: [`database ${name} is missing`],
    statements: () => [createDatabase(name, owner)],
    mode: "autocommit",
  });
}

/** Why a role that is to own something is neither there nor made in this pass. */
function missingOwner(
  { credentials }: PlanContext,
  owner: string,
  catalog: Catalog,
): string | undefined {
  const credential = credentials.credentials.get(owner);
  if (credential?.state !== "degraded" || catalog.roles.has(owner)) return undefined;
  return credential.reason;
}

function planOwner(
  context: PlanContext,
  { name, owner }: { readonly name: string; readonly owner: string },
  catalog: Catalog,
): SubjectPlan {
  const found = catalog.databases.get(name);
  if (found === undefined || found.owner === owner) return NOTHING;
  const missing = missingOwner(context, owner, catalog);
  if (missing !== undefined) {
    return heldPlan(SUBJECT, "waiting", `the owner of database ${name} waits: ${missing}`);
  }
  return sqlChange(context, {
    subject: SUBJECT,
    database: MAINTENANCE_DATABASE,
    reasons: [{ path: fieldPath("databases", name), desired: owner, observed: found.owner }],
    statements: () => [alterDatabaseOwner(name, owner)],
  });
}

function planPrepared(
  context: PlanContext,
  database: DesiredPreparedDatabase,
  catalog: Catalog,
): SubjectPlan {
  const found = catalog.contents.get(database.name);
  if (found === undefined) return NOTHING;
  if (!found.known) return heldPlan(SUBJECT, "unreadable", found.reason);
  const contents = found.value;
  const { databases } = context.desired.databases;
  const listed = databases.find(({ name }) => name === database.name);
  const owner = listed?.owner ?? database.owner;
  const owned = catalog.databases.get(database.name)?.owner === owner;
  const owners = new Owners(context, catalog);
  return joinPlans([
    owned ? planPrivileges(context, database, contents, owners) : NOTHING,
    ...database.schemas.filter(({ name }) => !contents.schemas.has(name))
      .map((schema) => planSchema(context, database.name, schema, owners)),
    closedSchemas(database, contents, catalog),
    ...Object.entries(database.extensions).map((extension) =>
      planExtension(context, database.name, extension, contents)
    ),
  ]);
}

/**
 * Roles that own what a prepared database holds. Default privileges of a role that cannot be made are
 * left out, so that its Secret holds up no schema; one whose Secret is just written is waited for.
 */
class Owners {
  readonly #context: PlanContext;
  readonly #catalog: Catalog;

  constructor(context: PlanContext, catalog: Catalog) {
    this.#context = context;
    this.#catalog = catalog;
  }

  /** The privileges of roles that are there, or are made in this pass. */
  present(privileges: readonly DefaultPrivileges[]): readonly DefaultPrivileges[] {
    return privileges.filter(({ owner }) =>
      missingOwner(this.#context, owner, this.#catalog) === undefined
    );
  }

  /** What the first of them waits for that will be there in the next pass. */
  wait(privileges: readonly DefaultPrivileges[]): string | undefined {
    const { credentials } = this.#context.credentials;
    return privileges.map(({ owner }) => {
      const credential = credentials.get(owner);
      const pending = credential?.state === "degraded" && credential.pending === true;
      return pending ? missingOwner(this.#context, owner, this.#catalog) : undefined;
    }).find((reason) => reason !== undefined);
  }
}

/**
 * Default privileges in a schema come with its creation. Where the schema, or the database's users,
 * came from elsewhere, nobody can tell whether they were left out on purpose: that is told.
 */
function closedSchemas(
  { name: database, schemas }: DesiredPreparedDatabase,
  contents: DatabaseContents,
  catalog: Catalog,
): SubjectPlan {
  return joinPlans(schemas.flatMap(({ name, privileges }) => {
    if (!contents.schemas.has(name)) return [];
    const owners = [...new Set(privileges.map(({ owner }) => owner))].filter((owner) =>
      catalog.roles.has(owner) && !contents.privilegedIn.get(name)?.has(owner)
    );
    if (owners.length === 0) return [];
    const reason = `schema ${name} of database ${database} was there before: what ` +
      `${owners.join(", ")} make in it is open to no reader or writer; set it with ` +
      "ALTER DEFAULT PRIVILEGES";
    return [heldPlan(SUBJECT, "left", reason)];
  }));
}

/**
 * Default privileges come with the creation of a database and are left alone afterwards. A database
 * that is ours and has neither them nor any schema of ours was made just now, or by a pass that
 * ended before it came to them.
 */
function planPrivileges(
  context: PlanContext,
  { name, privileges, schemas }: DesiredPreparedDatabase,
  contents: DatabaseContents,
  owners: Owners,
): SubjectPlan {
  const begun = privileges.some(({ owner }) => contents.privilegedOwners.has(owner)) ||
    schemas.some((schema) => contents.schemas.get(schema.name) === schema.owner);
  const possible = owners.present(privileges);
  if (begun || privileges.length === 0 || possible.length === 0) return NOTHING;
  const waits = owners.wait(privileges);
  if (waits !== undefined) return heldPlan(SUBJECT, "waiting", `database ${name} waits: ${waits}`);
  return sqlChange(context, {
    subject: SUBJECT,
    database: name,
    reasons: [`database ${name} is new: its owners have no default privileges yet`],
    statements: () => possible.flatMap(databasePrivileges),
  });
}

function planSchema(
  context: PlanContext,
  database: string,
  { name, owner, privileges }: DesiredSchema,
  owners: Owners,
): SubjectPlan {
  const waits = owners.wait(privileges);
  if (waits !== undefined) return heldPlan(SUBJECT, "waiting", `schema ${name} waits: ${waits}`);
  return sqlChange(context, {
    subject: SUBJECT,
    database,
    reasons: [`schema ${name} of database ${database} is missing`],
    statements: () => [
      createSchema(name, owner),
      ...owners.present(privileges).flatMap((roles) => schemaPrivileges(name, roles)),
    ],
  });
}

function planExtension(
  context: PlanContext,
  database: string,
  [name, schema]: readonly [string, string],
  contents: DatabaseContents,
): SubjectPlan {
  const found = contents.extensions.get(name);
  if (found === schema) return NOTHING;
  const what = `extension ${name} of database ${database}`;
  const of = `database ${database}`;
  const moved = { path: fieldPath("extensions", name), desired: schema, observed: found, of };
  return sqlChange(context, {
    subject: SUBJECT,
    database,
    reasons: [found === undefined ? `${what} is missing` : moved],
    statements: () => [
      found === undefined ? createExtension(name, schema) : moveExtension(name, schema),
    ],
  });
}
