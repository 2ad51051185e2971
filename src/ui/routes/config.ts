/** What pages and scripts have to know first: settings, teams, namespaces. */

import { namespacesOf } from "../context.ts";
import type { Route } from "./route.ts";

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
    path: "/namespaces",
    handle: async (asking) => Response.json(await namespacesOf(asking)),
  },
];
