import assert from "node:assert/strict";
import { config } from "../testing/config_fixture.ts";
import { infrastructureRoleDefinitions, readRoleDefinitionText } from "./infrastructure_roles.ts";

const EMPTY = {
  roleKey: "",
  defaultUserValue: "",
  defaultRoleValue: "",
  details: "",
  template: false,
};

const TEXTS: readonly [text: string, want: readonly unknown[], warnings: number][] = [
  [
    "secretname: monitoring , userkey: name,passwordkey:pass",
    [{
      ...EMPTY,
      secretName: { namespace: "default", name: "monitoring" },
      userKey: "name",
      passwordKey: "pass",
    }],
    0,
  ],
  [
    "secretname:ns/s,defaultuservalue:u,defaultrolevalue:r,rolekey:k,passwordkey:p",
    [{
      ...EMPTY,
      secretName: { namespace: "ns", name: "s" },
      userKey: "",
      passwordKey: "p",
      roleKey: "k",
      defaultUserValue: "u",
      defaultRoleValue: "r",
    }],
    0,
  ],
  ["secretname:s,userkey:u", [], 1],
  ["secretname:s,passwordkey:p", [], 1],
  ["userkey:u,passwordkey:p", [], 1],
  ["no colon at all", [], 1],
  ["secretname:s,userkey:u,passwordkey:p,details:d", [{
    ...EMPTY,
    secretName: { namespace: "default", name: "s" },
    userKey: "u",
    passwordKey: "p",
  }], 1],
];

Deno.test("the text form of a role definition is read field by field", () => {
  for (const [text, want, warnings] of TEXTS) {
    const read = readRoleDefinitionText(text);
    assert.ok("value" in read);
    assert.deepEqual(read.value, want, text);
    assert.equal(read.warnings?.length, warnings, text);
  }
});

Deno.test("the legacy Secret follows the definitions as a numbered template", () => {
  const definition = {
    ...EMPTY,
    secretName: { namespace: "a", name: "b" },
    userKey: "u",
    passwordKey: "p",
  };
  const both = config({
    infrastructureRolesSecrets: [definition],
    infrastructureRolesSecretName: { namespace: "old", name: "roles" },
  });
  assert.deepEqual(infrastructureRoleDefinitions(both), [definition, {
    ...EMPTY,
    secretName: { namespace: "old", name: "roles" },
    userKey: "user",
    passwordKey: "password",
    roleKey: "inrole",
    template: true,
  }]);
  assert.deepEqual(infrastructureRoleDefinitions(config()), []);
});
