/**
 * A model of a PostgreSQL server that understands the statements of the operator and no others:
 * with it a plan can be applied and planned again without a server.
 */

import assert from "node:assert/strict";
import type {
  Catalog,
  CatalogDatabase,
  CatalogRole,
  DatabaseContents,
} from "../cluster/observed/catalog.ts";
import type { SqlTarget, SqlText } from "../ports/requests.ts";
import type { PublishedTable } from "../cluster/sql/statements.ts";
import type { LookupFunction } from "../cluster/sql/pooler_lookup.ts";
import { known } from "../ports/observation.ts";
import { Sensitive } from "../lib/sensitive.ts";

interface Role {
  flags: Set<string>;
  verifier: string | undefined;
  settings: Map<string, string>;
  memberOf: Set<string>;
  neededByObjects: boolean;
}

interface Contents {
  schemas: Map<string, string>;
  extensions: Map<string, string>;
  privilegedOwners: Set<string>;
  privilegedIn: Map<string, Set<string>>;
  lookup: LookupFunction | undefined;
  publications: Map<string, PublishedTable[]>;
}

const NAME = '"((?:[^"]|"")*)"';
const DEFAULT_FLAGS = ["INHERIT"];

/** The server: apply statements, then ask for the catalogue. */
export class SqlModel {
  readonly roles = new Map<string, Role>();
  readonly databases = new Map<string, CatalogDatabase>();
  readonly contents = new Map<string, Contents>();

  constructor(roles: readonly string[] = ["postgres", "standby", "admin", "zalandos"]) {
    for (const name of roles) this.addRole(name);
    this.#addDatabase("postgres", "postgres");
  }

  addRole(name: string, given: Partial<Role> = {}): void {
    this.roles.set(name, {
      flags: new Set(DEFAULT_FLAGS),
      verifier: undefined,
      settings: new Map(),
      memberOf: new Set(),
      neededByObjects: false,
      ...given,
    });
  }

  /** Runs statements; a name that is not there fails, as on a server. */
  apply(target: Pick<SqlTarget, "database">, statements: readonly SqlText[]): void {
    for (const { text } of statements) {
      const { database } = target;
      const rules = [...this.#rules(database), ...this.#serviceRules(database)];
      const found = rules.find(([pattern]) => pattern.test(text));
      assert.ok(found, `the model knows no statement like ${text}`);
      const [pattern, run] = found;
      const groups = pattern.exec(text)?.slice(1) ?? [];
      run(...groups.map((group) => group ?? ""));
    }
  }

  /** The catalogue that a look would give. */
  catalog(): Catalog {
    const roles = [...this.roles].map(([name, role]): [string, CatalogRole] => [name, {
      name,
      flags: [...role.flags],
      ...(role.verifier === undefined ? {} : { verifier: new Sensitive(role.verifier) }),
      settings: Object.fromEntries(role.settings),
      memberOf: [...role.memberOf],
      openTo: [...this.roles].filter(([, other]) =>
        other.memberOf.has(name) && !other.flags.has("SUPERUSER")
      ).map(([member]) => member),
      neededByObjects: role.neededByObjects,
    }]);
    const contents = [...this.contents].map(([name, { lookup, publications, ...rest }]) => {
      const value: DatabaseContents = {
        ...rest,
        ...(lookup === undefined ? {} : { lookup }),
        publications: [...publications].map(([name, tables]) => {
          return { name, owner: "postgres", tables };
        }),
      };
      return [name, known(value)] as const;
    });
    return {
      serverVersion: 150000,
      passwordEncryption: "scram-sha-256",
      roles: new Map(roles),
      databases: this.databases,
      contents: new Map(contents),
    };
  }

  #rules(database: string): [RegExp, (...groups: string[]) => void][] {
    const contents = () => this.#in(this.contents, database);
    return [
      [rule(`CREATE ROLE ${NAME}(.*?) PASSWORD (NULL|'.*')`), (...g) => this.#create(g)],
      [rule(`ALTER ROLE ${NAME} SET "(.*)" TO (.*)`), (name, setting, value) => {
        this.#role(name).settings.set(setting.toLowerCase(), stored(setting, value));
      }],
      [rule(`ALTER ROLE ${NAME} RESET "(.*)"`), (name, setting) => {
        this.#role(name).settings.delete(setting.toLowerCase());
      }],
      [rule(`ALTER ROLE ${NAME} RENAME TO ${NAME}`), (name, to) => {
        this.roles.set(unquoted(to), this.#role(name));
        this.roles.delete(unquoted(name));
      }],
      [rule(`ALTER ROLE ${NAME}([A-Z ]*)(?: PASSWORD '(.*)')?`), (name, flags, verifier) => {
        const role = this.#role(name);
        setFlags(role, flags);
        if (verifier !== "") role.verifier = verifier;
      }],
      [rule(`DROP ROLE ${NAME}`), (name) => {
        this.#role(name);
        this.roles.delete(unquoted(name));
      }],
      [rule(`GRANT ("[^ ].*) TO ${NAME}`), (groups, name) => {
        for (const group of names(groups)) this.#join(unquoted(name), group);
      }],
      [rule(`REVOKE ${NAME} FROM ${NAME}`), (group, name) => {
        this.#role(name).memberOf.delete(unquoted(group));
      }],
      [rule(`CREATE DATABASE ${NAME} OWNER ${NAME}`), (name, owner) => {
        this.#role(owner);
        this.#addDatabase(unquoted(name), unquoted(owner));
      }],
      [rule(`ALTER DATABASE ${NAME} OWNER TO ${NAME}`), (name, owner) => {
        const found = this.#in(this.databases, unquoted(name));
        this.databases.set(unquoted(name), { ...found, owner: unquoted(owner) });
      }],
      [rule(`CREATE SCHEMA ${NAME} AUTHORIZATION ${NAME}`), (name, owner) => {
        this.#role(owner);
        assert.ok(!contents().schemas.has(unquoted(name)), `schema ${name} is there`);
        contents().schemas.set(unquoted(name), unquoted(owner));
      }],
      [rule(`ALTER DEFAULT PRIVILEGES FOR ROLE ${NAME} (IN SCHEMA ${NAME} )?GRANT .*`), (...g) => {
        this.#role(g[0] ?? "");
        const owner = unquoted(g[0] ?? "");
        if (g[1] === "") contents().privilegedOwners.add(owner);
        else this.#privilegeIn(contents(), unquoted(g[2] ?? ""), owner);
      }],
      [rule(`GRANT USAGE ON SCHEMA ${NAME} TO (.*)`), (_schema, roles) => {
        for (const name of names(roles)) this.#role(name);
        const { lookup } = contents();
        if (lookup !== undefined) contents().lookup = { ...lookup, schemaUsableBy: names(roles) };
      }],
      [rule(`CREATE EXTENSION ${NAME} SCHEMA ${NAME}`), (name, schema) => {
        contents().extensions.set(unquoted(name), unquoted(schema));
      }],
      [rule(`ALTER EXTENSION ${NAME} SET SCHEMA ${NAME}`), (name, schema) => {
        contents().extensions.set(unquoted(name), unquoted(schema));
      }],
    ];
  }

  /** What poolers and streams need. */
  #serviceRules(database: string): [RegExp, (...groups: string[]) => void][] {
    const contents = () => this.#in(this.contents, database);
    return [
      [rule(`CREATE SCHEMA IF NOT EXISTS ${NAME}`), (name) => {
        const { schemas } = contents();
        if (!schemas.has(unquoted(name))) schemas.set(unquoted(name), "postgres");
      }],
      [rule(`CREATE OR REPLACE FUNCTION .*\\$lookup\\$(.*)\\$lookup\\$`), (body) => {
        const config = ["search_path=pg_catalog, pg_temp"];
        const rights = { executableBy: ["public"], schemaUsableBy: [] };
        const owner = { securityDefiner: true, ownedBySuperuser: true };
        contents().lookup = { language: "plpgsql", body, config, ...owner, ...rights };
      }],
      [rule(`CREATE PUBLICATION ${NAME} FOR TABLE (.*) WITH \\(.*\\)`), (name, tables) => {
        const { publications } = contents();
        assert.ok(!publications.has(unquoted(name)), `publication ${name} is there`);
        publications.set(unquoted(name), tablesOf(tables));
      }],
      [rule(`ALTER PUBLICATION ${NAME} SET TABLE (.*)`), (name, tables) => {
        this.#in(contents().publications, unquoted(name));
        contents().publications.set(unquoted(name), tablesOf(tables));
      }],
      [rule(`DROP PUBLICATION ${NAME}`), (name) => {
        this.#in(contents().publications, unquoted(name));
        contents().publications.delete(unquoted(name));
      }],
      [rule("ALTER FUNCTION .* OWNER TO CURRENT_USER"), () => {}],
      [rule("REVOKE ALL ON FUNCTION .* FROM PUBLIC, .*"), () => this.#grantLookup(contents(), "")],
      [rule(`GRANT EXECUTE ON FUNCTION .* TO ${NAME}`), (name) => {
        this.#role(name);
        this.#grantLookup(contents(), unquoted(name));
      }],
    ];
  }

  #create([name = "", clauses = "", password = ""]: string[]): void {
    assert.ok(!this.roles.has(unquoted(name)), `role ${name} is there`);
    const admin = rest(clauses, / ADMIN (".*)$/);
    const groups = rest(clauses.replace(/ ADMIN ".*$/, ""), / IN ROLE (".*)$/);
    this.addRole(unquoted(name), {
      verifier: password === "NULL" ? undefined : password.slice(1, -1),
    });
    setFlags(this.#role(name), clauses.replace(/ (IN ROLE|ADMIN) ".*$/, ""));
    for (const group of names(groups)) this.#join(unquoted(name), group);
    for (const member of names(admin)) this.#join(member, unquoted(name));
  }

  #join(member: string, group: string): void {
    this.#in(this.roles, group);
    assert.ok(!this.#isMember(group, member), `${group} is a member of ${member}`);
    this.#in(this.roles, member).memberOf.add(group);
  }

  #isMember(member: string, group: string): boolean {
    if (member === group) return true;
    const groups = this.roles.get(member)?.memberOf ?? [];
    return [...groups].some((name) => this.#isMember(name, group));
  }

  /** Who may execute the look-up function; nobody for an empty name. */
  #grantLookup(contents: Contents, role: string): void {
    if (contents.lookup === undefined) throw new Error("there is no look-up function");
    contents.lookup = { ...contents.lookup, executableBy: role === "" ? [] : [role] };
  }

  #privilegeIn({ privilegedIn }: Contents, schema: string, owner: string): void {
    privilegedIn.set(schema, (privilegedIn.get(schema) ?? new Set()).add(owner));
  }

  #role(name: string): Role {
    return this.#in(this.roles, unquoted(name));
  }

  #in<T>(map: ReadonlyMap<string, T>, name: string): T {
    const found = map.get(name);
    assert.ok(found !== undefined, `"${name}" does not exist`);
    return found;
  }

  #addDatabase(name: string, owner: string): void {
    assert.ok(!this.databases.has(name), `database ${name} is there`);
    this.databases.set(name, { owner, connectable: true, template: false });
    this.contents.set(name, {
      schemas: new Map([["public", "pg_database_owner"]]),
      extensions: new Map(),
      privilegedOwners: new Set(),
      privilegedIn: new Map(),
      lookup: undefined,
      publications: new Map(),
    });
  }
}

function rule(source: string): RegExp {
  return new RegExp(`^${source}$`, "s");
}

function unquoted(name: string): string {
  return name.replaceAll('""', '"');
}

function names(list: string): string[] {
  return [...list.matchAll(new RegExp(NAME, "g"))].map((match) => unquoted(match[1] ?? ""));
}

/** The tables of a list of `"schema"."table"`. */
function tablesOf(list: string): PublishedTable[] {
  return [...list.matchAll(new RegExp(`${NAME}\\.${NAME}`, "g"))].map((
    [, schema = "", name = ""],
  ) => ({
    schema: unquoted(schema),
    name: unquoted(name),
  }));
}

function rest(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? "";
}

function setFlags(role: Role, words: string): void {
  for (const flag of words.trim().split(" ").filter((word) => word !== "")) {
    if (flag.startsWith("NO")) role.flags.delete(flag.slice(2));
    else role.flags.add(flag);
  }
}

/** A list is stored with its names in double quotes. */
function stored(name: string, value: string): string {
  const entries = [...value.matchAll(/E?'((?:[^']|'')*)'/g)].map((match) =>
    (match[1] ?? "").replaceAll("''", "'")
  );
  if (name !== "search_path") return entries[0] ?? "";
  return entries.map((entry) => `"${entry.replaceAll('"', '""')}"`).join(", ");
}
