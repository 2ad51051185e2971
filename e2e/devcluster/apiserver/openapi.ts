import type { Registry } from "./registry.ts";
export function openapi(_registry: Registry, _url: URL): Response | undefined {
  return undefined;
}
