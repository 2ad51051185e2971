/** Reads `/openapi/v3` of a running cluster. The clusters' documents are trimmed by `openapi/trim.ts`. */
import type { ClusterAccess } from "./kubeconfig.ts";
import type { KubernetesModel } from "./openapi/model.ts";
import { KINDS, type OpenApiDocument, trimKubernetes } from "./openapi/trim.ts";

/** Pulls and trims the OpenAPI of a cluster. @throws when a document cannot be read. */
export async function pullKubernetes(access: ClusterAccess): Promise<KubernetesModel> {
  const { caCert, certificate } = access;
  const client = Deno.createHttpClient({
    ...(caCert ? { caCerts: [caCert] } : {}),
    ...(certificate ?? {}),
  });
  try {
    const documents: OpenApiDocument[] = [];
    for (const apiVersion of Object.keys(KINDS)) {
      const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
      documents.push(await readDocument(access, `/openapi/v3/${path}`, client));
    }
    return trimKubernetes(documents);
  } finally {
    client.close();
  }
}

async function readDocument(
  { server, token }: ClusterAccess,
  path: string,
  client: Deno.HttpClient,
): Promise<OpenApiDocument> {
  const url = `${server.replace(/\/$/, "")}${path}`;
  const headers: Record<string, string> = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(url, { headers, client });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`cannot read ${url}: HTTP ${response.status}`);
  }
  return await response.json() as OpenApiDocument;
}
