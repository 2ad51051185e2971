/** The Teams API with the token of its Secret. */

import type { Caches } from "../clients/kube/caches/cache.ts";
import { createTeamsApi, oauthTokenOf } from "../clients/teams/client.ts";
import type { Config } from "../config/config.ts";
import { typedReader } from "../ports/client.gen.ts";
import type { TeamsApi } from "../ports/ports.ts";

/** Undefined where the Teams API is switched off. */
export function teamsApi(
  config: Pick<Config, "enableTeamsApi" | "teamsApiUrl" | "oauthTokenSecretName">,
  caches: Pick<Caches, "inputs">,
): TeamsApi | undefined {
  if (!config.enableTeamsApi) return undefined;
  return createTeamsApi({
    url: config.teamsApiUrl,
    async token(signal) {
      const name = config.oauthTokenSecretName;
      if (name === undefined) throw new Error("oauth_token_secret_name is not set");
      const read = await typedReader(caches.inputs).secrets.read(name, signal);
      if (!read.known) throw new Error(read.reason);
      if (read.value === undefined) {
        throw new Error(
          `Secret ${name.namespace}/${name.name} (oauth_token_secret_name) is missing`,
        );
      }
      return oauthTokenOf(read.value.data ?? {});
    },
  });
}
