/**
 * The namespace that the UI serves where its own settings name none: the operator's.
 *
 * Zalando: ui/operator_ui/main.py, get_target_namespace; here an operator that does not answer holds
 * up nobody.
 */

import type { OperatorClient } from "../clients/operator/client.ts";
import { PortError } from "../ports/errors.ts";

/** Undefined for all namespaces, also where the operator does not tell. */
export async function watchedNamespace(operator: OperatorClient): Promise<string | undefined> {
  try {
    const { operator: settings } = await operator.get("/config") as {
      operator?: { WatchedNamespace?: unknown };
    };
    const name = settings?.WatchedNamespace;
    return typeof name === "string" && name !== "" && name !== "*" ? name : undefined;
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}
