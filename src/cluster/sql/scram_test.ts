import assert from "node:assert/strict";
import fc from "fast-check";
import { Sensitive } from "../../lib/sensitive.ts";
import { passwordVerifier, verifies } from "../../testing/passwords.ts";
import { checkToMake, hasEncryption, MOST_ITERATIONS, verifierKind } from "./scram.ts";

const SALT = new TextEncoder().encode("saltsaltsaltsalt");
const of = (username: string, password: string) => ({
  username,
  password: new Sensitive(password),
});

// Made by PostgreSQL 15: CREATE ROLE … PASSWORD '…', then pg_authid.rolpassword.
const FROM_SERVER =
  "SCRAM-SHA-256$4096:sC/TaD2F1v7/YIeSUVB26A==$0NNZ7doK7bHtHQZpDi206jiTyCNV8XAR3HkG2CKGXVI=:HTwDn21ZjcgNTLs0bUlAPyuQyH6t9ZTM1q5w2twK4jY=";

Deno.test("a verifier that a server made lets its password in and no other", () => {
  assert.ok(verifies(of("user", "pencil"), new Sensitive(FROM_SERVER)));
  assert.ok(!verifies(of("user", "pencil2"), new Sensitive(FROM_SERVER)));
});

Deno.test("a server prepares a password outside ASCII as it is prepared here", () => {
  const stored = new Sensitive(
    "SCRAM-SHA-256$4096:6fyS1oumwSJqE0JjJVuheg==$VIPJ4i6LGHFUX5hFTQF2xUaKTNDW9MxjylvSblwIRrE=:eUMYkG2liY3z1aqbUPiCbLdfXHaKCO1uqgmH9xEuKKU=",
  );
  const salt = Uint8Array.from(atob("6fyS1oumwSJqE0JjJVuheg=="), (c) => c.charCodeAt(0));
  const made = passwordVerifier(of("u2", "p\u00e4ss\u00a0w\ufb01"), "scram-sha-256", salt);
  assert.equal(made.reveal(), stored.reveal());
});

Deno.test("a verifier lets its own password in, and with md5 only its own user", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, other) => {
      fc.pre(password !== other && verifierKind(password) === undefined);
      for (const encryption of ["scram-sha-256", "md5"] as const) {
        const verifier = passwordVerifier(of("app", password), encryption, SALT);
        assert.equal(verifierKind(verifier.reveal()), encryption);
        assert.ok(verifies(of("app", password), verifier));
        assert.ok(!verifies(of("app", other), verifier));
        assert.equal(verifies(of("app2", password), verifier), encryption === "scram-sha-256");
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("md5 verifiers are those of PostgreSQL", () => {
  const verifier = passwordVerifier(of("m", "secret"), "md5", SALT);
  assert.equal(verifier.reveal(), "md5b52328d7451bfeace80c4b8c338106f9");
});

Deno.test("a password that is a verifier already is stored and compared as it is", () => {
  for (const text of [FROM_SERVER, `md5${"0a".repeat(16)}`]) {
    const given = of("app", text);
    const stored = passwordVerifier(given, "md5", SALT);
    assert.equal(stored.reveal(), text);
    assert.ok(verifies(given, stored));
    assert.ok(hasEncryption(given.password, stored, "scram-sha-256"));
  }
});

Deno.test("a text that only begins like a verifier is a password", () => {
  for (const text of [`md5${"zz".repeat(16)}`, "SCRAM-SHA-256$oops", "md5"]) {
    assert.match(
      passwordVerifier(of("a", text), "scram-sha-256", SALT).reveal(),
      /^SCRAM-SHA-256\$4096:/,
    );
  }
});

Deno.test("a password outside ASCII fits a verifier with and without its preparation", () => {
  const prepared = passwordVerifier(of("a", "pass\u00a0word"), "scram-sha-256", SALT);
  assert.ok(verifies(of("a", "pass word"), prepared));
  const raw = passwordVerifier(of("a", "pass word"), "scram-sha-256", SALT);
  assert.ok(verifies(of("a", "pass\u00a0word"), raw));
});

Deno.test("the kind of a verifier is compared with what the server is set to", () => {
  const md5 = passwordVerifier(of("a", "b"), "md5", SALT);
  assert.ok(hasEncryption(new Sensitive("b"), md5, "md5"));
  assert.ok(!hasEncryption(new Sensitive("b"), md5, "scram-sha-256"));
});

Deno.test("a verifier that would take long to check fits nothing, and nothing is derived for it", () => {
  for (const iterations of [0, MOST_ITERATIONS + 1, 9_999_999, 4_294_967_295]) {
    const stored = new Sensitive(FROM_SERVER.replace("4096", String(iterations)));
    assert.equal(checkToMake(of("user", "pencil"), stored), false);
  }
  const most = new Sensitive(FROM_SERVER.replace("4096", String(MOST_ITERATIONS)));
  assert.notEqual(checkToMake(of("user", "pencil"), most), false);
});

Deno.test("a salt that is no base64 fits nothing", () => {
  const stored = new Sensitive(FROM_SERVER.replace(/:[^$]+\$/, ":A$"));
  assert.equal(checkToMake(of("user", "pencil"), stored), false);
});
