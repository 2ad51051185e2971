/** Objects of a cluster as Kubernetes has them. Zalando: ui/operator_ui/main.py */

import { requireNamespace, storedObject } from "../context.ts";
import { clusterOf, type Route } from "./route.ts";

const SERVICE = { apiVersion: "v1", kind: "Service" };
const STATEFUL_SET = { apiVersion: "apps/v1", kind: "StatefulSet" };
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };

export const objectRoutes: readonly Route[] = [
  objectRoute("/services/:namespace/:name", SERVICE),
  objectRoute("/statefulsets/:namespace/:name", STATEFUL_SET),
  objectRoute("/pooler/:namespace/:name", DEPLOYMENT, "-pooler"),
  {
    method: "GET",
    path: "/statefulsets/:namespace/:name/pods",
    async handle(asking, asked) {
      const { namespace, name } = clusterOf(asked);
      requireNamespace(asking, namespace);
      const { items } = await asking.kube.list({ apiVersion: "v1", kind: "Pod" }, {
        signal: asking.signal,
        namespace,
        labelSelector: `${asking.parts.settings.clusterNameLabel}=${name}`,
      });
      return Response.json(items.map(({ metadata }) => metadata));
    },
  },
];

function objectRoute(
  path: string,
  ref: { readonly apiVersion: string; readonly kind: string },
  suffix = "",
): Route {
  return {
    method: "GET",
    path,
    async handle(asking, asked) {
      const { namespace, name } = clusterOf(asked);
      return Response.json(await storedObject(asking, ref, namespace, name + suffix));
    },
  };
}
