/** The three forms in which infrastructure roles are described. */

import assert from "node:assert/strict";
import type { InfrastructureRoleDefinition } from "../../config/config.ts";
import { infrastructureRolesOf, mergeRoles } from "./infrastructure_roles.ts";

const DEFINITION: InfrastructureRoleDefinition = {
  secretName: { namespace: "default", name: "roles" },
  userKey: "user",
  passwordKey: "password",
  roleKey: "inrole",
  defaultUserValue: "",
  defaultRoleValue: "",
  details: "",
  template: false,
};

function secret(data: Record<string, string>) {
  const encoded = Object.entries(data).map(([key, value]) => [key, btoa(value)]);
  return {
    apiVersion: "v1" as const,
    kind: "Secret" as const,
    metadata: { name: "roles" },
    data: Object.fromEntries(encoded),
  };
}

function configMap(data: Record<string, string>) {
  return {
    apiVersion: "v1" as const,
    kind: "ConfigMap" as const,
    metadata: { name: "roles" },
    data,
  };
}

function shown(
  definition: InfrastructureRoleDefinition,
  objects: Parameters<typeof infrastructureRolesOf>[1],
) {
  return infrastructureRolesOf(definition, objects).map((role) => ({
    ...role,
    password: role.password.reveal(),
  }));
}

Deno.test("numbered keys end at the first missing user; incomplete ones are left out", () => {
  const data = { user1: "a", password1: "x", inrole1: "g", user2: "b", user4: "d", password4: "y" };
  assert.deepEqual(
    shown({ ...DEFINITION, template: true }, { secret: secret(data), configMap: undefined }),
    [{ name: "a", password: "x", flags: [], memberOf: ["g"], parameters: {} }],
  );
});

Deno.test("a single role takes defaults, and no group is not a group without a name", () => {
  const definition = { ...DEFINITION, defaultUserValue: "robot" };
  assert.deepEqual(
    shown(definition, { secret: secret({ password: "p" }), configMap: undefined }),
    [{ name: "robot", password: "p", flags: [], memberOf: [], parameters: {} }],
  );
  assert.deepEqual(shown(definition, { secret: secret({ user: "x" }), configMap: undefined }), []);
});

Deno.test("details give flags, groups and parameters", () => {
  const details = "user_flags: [createdb]\ninrole: [g1, g2]\ndb_parameters: {work_mem: 4MB}\n";
  const [role] = shown(
    { ...DEFINITION, details: "more" },
    { secret: secret({ user: "a", password: "p", more: details }), configMap: undefined },
  );
  assert.deepEqual(role, {
    name: "a",
    password: "p",
    flags: ["createdb"],
    memberOf: ["g1", "g2"],
    parameters: { work_mem: "4MB" },
  });
});

Deno.test("a ConfigMap of the same name adds roles whose passwords are in the Secret", () => {
  const roles = shown(DEFINITION, {
    secret: secret({ a: "pa", other: "x" }),
    configMap: configMap({ a: "user_flags: [login]\ninrole: [g]", b: "inrole: [g]" }),
  });
  assert.deepEqual(roles.map(({ name, password, flags }) => [name, password, flags]), [
    ["a", "pa", ["login"]],
  ]);
});

Deno.test("is_db_owner is read in every form that has details, with the words that YAML of Go knows", () => {
  const ofMap = (text: string, template: boolean) =>
    infrastructureRolesOf({ ...DEFINITION, template }, {
      secret: secret({ a: "pa", user1: "b", password1: "pb" }),
      configMap: configMap({ a: text }),
    }).find(({ name }) => name === "a")?.isDbOwner ?? false;
  const ofDetails = (text: string) =>
    infrastructureRolesOf({ ...DEFINITION, details: "more" }, {
      secret: secret({ user: "a", password: "p", more: text }),
      configMap: undefined,
    })[0]?.isDbOwner ?? false;
  const words = [["true", true], ["yes", true], ["On", true], ["false", false], ["no", false]];
  for (const [word, want] of words) {
    const text = `user_flags: [createdb]\nis_db_owner: ${word}\n`;
    const found = [ofMap(text, false), ofMap(text, true), ofDetails(text)];
    assert.deepEqual(found, [want, want, want], `${word}`);
  }
  assert.equal(ofDetails("is_db_owner: [true]"), false);
});

Deno.test("a later definition of the same role wins", () => {
  const one = infrastructureRolesOf(DEFINITION, {
    secret: secret({ user: "a", password: "1" }),
    configMap: undefined,
  });
  const two = infrastructureRolesOf(DEFINITION, {
    secret: secret({ user: "a", password: "2" }),
    configMap: undefined,
  });
  assert.deepEqual(mergeRoles([...one, ...two]).map((role) => role.password.reveal()), ["2"]);
});
