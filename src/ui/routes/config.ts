/** What pages and scripts have to know first: settings, teams, namespaces. */

import { KubeError } from "../../clients/kube/errors.ts";
import { type Asking, namespacesOf, requireNamespace } from "../context.ts";
import type { Asked, Route } from "./route.ts";

export const configRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/config",
    async handle(asking) {
      const { settings } = asking.parts;
      // Who may not list namespaces writes one into the form.
      const namespaces = await namespacesOf(asking).catch(() => []);
      return Response.json({ ...settings.shown, namespaces, sign_in: settings.signIn });
    },
  },
  {
    method: "GET",
    path: "/teams",
    handle: ({ parts, identity }) =>
      Promise.resolve(
        Response.json(identity.kind === "teams" ? identity.teams : parts.settings.teams),
      ),
  },
  {
    method: "GET",
    path: "/templates",
    handle: async ({ parts }) => Response.json(await parts.templates()),
  },
  { method: "GET", path: "/quotas/:namespace", handle: quotas },
  {
    method: "GET",
    path: "/namespaces",
    handle: async (asking) => Response.json(await namespacesOf(asking)),
  },
];

/** What quotas of a namespace allow and what is used; none for those who may not see them. */
async function quotas(asking: Asking, { values: { namespace = "" } }: Asked): Promise<Response> {
  requireNamespace(asking, namespace);
  const { kube, signal } = asking;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/resourcequotas`;
  const text = await kube.getText(path, { signal }).catch((error: unknown) => {
    if (error instanceof KubeError && ["forbidden", "not found"].includes(error.kind)) return "{}";
    throw error;
  });
  const { items = [] } = JSON.parse(text) as { items?: readonly StoredQuota[] };
  return Response.json(
    items.map(({ metadata: { name }, status: { hard = {}, used = {} } = {} }) => ({
      name,
      hard,
      used,
    })),
  );
}

interface StoredQuota {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly hard?: object; readonly used?: object };
}
