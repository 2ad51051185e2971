/**
 * S3, Google Cloud Storage and Azure Blob Storage, as far as an uploader needs them: one set of objects
 * in memory, and the three protocols by host name. Lists come in pages.
 */

/** What a store holds and what was asked of it. */
export class ObjectStore {
  /** Bucket or container, a slash and the key → content. */
  readonly objects = new Map<string, Uint8Array>();
  /** `METHOD host/path` of every request. */
  readonly requests: string[] = [];
  /** Headers of every upload, to see encryption and who asked. */
  readonly uploads: Headers[] = [];
  /** Whether writes are refused. */
  refuses = false;
  /** Most entries of one page. */
  pageSize = 1000;
  readonly #parts = new Map<string, Map<string, Uint8Array>>();

  /** Answers a request to any of the providers. */
  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.requests.push(`${request.method} ${url.host}${url.pathname}`);
    const isWrite = request.method === "PUT" || request.method === "POST";
    if (url.hostname === "oauth2.googleapis.com") {
      return Response.json({ access_token: "token", token_type: "Bearer", expires_in: 3600 });
    }
    if (isWrite) this.uploads.push(new Headers(request.headers));
    if (isWrite && this.refuses) return new Response("refused", { status: 403 });
    if (url.hostname === "storage.googleapis.com") return await this.#google(request, url);
    if (url.hostname.endsWith(".blob.core.windows.net")) return await this.#azure(request, url);
    return await this.#s3(request, url);
  }

  /** Names below a prefix, and the one that the next page starts after. */
  #list(prefix: string, after: string) {
    const all = [...this.objects.keys()].filter((name) => name.startsWith(prefix) && name > after)
      .sort();
    const names = all.slice(0, this.pageSize);
    return { names, next: all.length > names.length ? names.at(-1) ?? "" : "" };
  }

  #sizeOf(name: string): number {
    return this.objects.get(name)?.length ?? 0;
  }

  #take(upload: string, order: readonly string[]): Uint8Array {
    const parts = this.#parts.get(upload) ?? new Map<string, Uint8Array>();
    this.#parts.delete(upload);
    return joined(order.map((id) => parts.get(id) ?? new Uint8Array()));
  }

  async #keep(upload: string, id: string, request: Request): Promise<void> {
    const content = await request.bytes();
    const parts = this.#parts.get(upload) ?? new Map<string, Uint8Array>();
    this.#parts.set(upload, parts.set(id, content));
  }

  async #s3(request: Request, url: URL): Promise<Response> {
    // AWS is asked by the bucket's own host, others by a path.
    const host = /^(.+)\.s3\./.exec(url.hostname)?.[1];
    const path = decodeURIComponent(url.pathname.slice(1));
    const name = host === undefined ? path : `${host}/${path}`;
    const query = url.searchParams;
    const upload = query.get("uploadId");
    switch (request.method) {
      case "GET":
        return this.#s3List(name.replace(/\/$/, ""), query);
      case "PUT": {
        const part = query.get("partNumber");
        if (upload && part) {
          await this.#keep(upload, part, request);
          return new Response(null, { headers: { etag: `"${part}"` } });
        }
        const source = request.headers.get("x-amz-copy-source");
        if (source === null) this.objects.set(name, await request.bytes());
        else if (!this.#copy(decodeURIComponent(source).replace(/^\//, ""), name)) return missing();
        const result = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>";
        return xml(source === null ? "" : result);
      }
      case "POST": {
        if (query.has("uploads")) {
          const id = crypto.randomUUID();
          return xml(
            `<InitiateMultipartUploadResult><UploadId>${id}</UploadId>` +
              "</InitiateMultipartUploadResult>",
          );
        }
        const order = [...(await request.text()).matchAll(/<PartNumber>(\d+)</g)].map(([, id]) =>
          id!
        );
        this.objects.set(name, this.#take(upload ?? "", order));
        return xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
      }
      case "DELETE":
        if (upload) this.#parts.delete(upload);
        else this.objects.delete(name);
        return new Response(null, { status: 204 });
      default:
        return this.#head(name, { etag: '"e"' });
    }
  }

  #s3List(bucket: string, query: URLSearchParams): Response {
    const after = query.get("marker") ?? query.get("continuation-token") ?? "";
    const prefix = `${bucket}/${query.get("prefix") ?? ""}`;
    const { names, next } = this.#list(prefix, after && `${bucket}/${after}`);
    const keys = names.map((name) => name.slice(bucket.length + 1));
    const contents = keys.map((key, at) =>
      `<Contents><Key>${key}</Key><Size>${this.#sizeOf(names[at]!)}</Size><ETag>e</ETag>` +
      `<LastModified>${NOW}</LastModified></Contents>`
    );
    const marker = next && `<NextMarker>${next.slice(bucket.length + 1)}</NextMarker>`;
    return xml(
      `<ListBucketResult><IsTruncated>${next !== ""}</IsTruncated>${marker}${contents.join("")}` +
        "</ListBucketResult>",
    );
  }

  #copy(from: string, to: string): boolean {
    const content = this.objects.get(from);
    if (content !== undefined) this.objects.set(to, content);
    return content !== undefined;
  }

  #head(name: string, headers: Record<string, string>): Response {
    const content = this.objects.get(name);
    if (content === undefined) return missing();
    const length = String(content.length);
    return new Response(null, {
      headers: { "content-length": length, "last-modified": new Date().toUTCString(), ...headers },
    });
  }

  async #google(request: Request, url: URL): Promise<Response> {
    const session = url.searchParams.get("session");
    if (session !== null) return await this.#googleChunk(request, session);
    const upload = /^\/(?:resumable\/)?upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
    if (upload) return await this.#googleUpload(request, url, upload[1]!);
    const list = /^\/(?:storage\/v1\/)?b\/([^/]+)\/o$/.exec(url.pathname);
    if (list) return this.#googleList(list[1]!, url.searchParams);
    const rewrite = /\/b\/([^/]+)\/o\/([^/]+)\/(?:rewriteTo|copyTo)\/b\/([^/]+)\/o\/([^/]+)$/.exec(
      url.pathname,
    );
    if (rewrite) {
      const [, fromBucket, from = "", toBucket, to = ""] = rewrite;
      const target = `${toBucket}/${decodeURIComponent(to)}`;
      if (!this.#copy(`${fromBucket}/${decodeURIComponent(from)}`, target)) return missing();
      return Response.json({ done: true, resource: this.#googleResource(target) });
    }
    const [, bucket, key] = /\/b\/([^/]+)(?:\/o\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (key === undefined) return Response.json({ kind: "storage#bucket", name: bucket });
    const name = `${bucket}/${decodeURIComponent(key)}`;
    if (request.method === "DELETE") {
      return new Response(null, { status: this.objects.delete(name) ? 204 : 404 });
    }
    return this.#googleObject(name);
  }

  async #googleUpload(request: Request, url: URL, bucket: string): Promise<Response> {
    const body = await request.bytes();
    const text = new TextDecoder("latin1").decode(body);
    const key = url.searchParams.get("name") ?? /"name":\s*"([^"]+)"/.exec(text)?.[1] ?? "";
    const name = `${bucket}/${key}`;
    if (url.searchParams.get("uploadType") === "resumable") {
      const location = `https://${url.host}/upload/storage/v1/b/${bucket}/o?session=` +
        encodeURIComponent(name);
      return new Response(null, { headers: { location } });
    }
    // multipart/related: the second part is the content.
    const boundary = /boundary="?([^";]+)/.exec(request.headers.get("content-type") ?? "")?.[1] ??
      "";
    const second = text.indexOf(`--${boundary}`, boundary.length + 2);
    const start = text.indexOf("\r\n\r\n", second) + 4;
    this.objects.set(name, body.subarray(start, text.lastIndexOf(`\r\n--${boundary}--`)));
    return this.#googleObject(name);
  }

  /** One chunk of a resumable upload; the last one tells the whole size. */
  async #googleChunk(request: Request, name: string): Promise<Response> {
    const range = /bytes (?:(\d+)-\d+|\*)\/(\d+|\*)/.exec(
      request.headers.get("content-range") ?? "",
    );
    await this.#keep(name, range?.[1] ?? "end", request);
    const parts = this.#parts.get(name)!;
    if (range?.[2] === "*") {
      const size = joined([...parts.values()]).length;
      // Go's client asks for 308 in this form.
      const headers = { "x-http-status-code-override": "308", range: `bytes=0-${size - 1}` };
      return new Response(null, { headers });
    }
    const order = [...parts.keys()].sort((a, b) =>
      Number(a === "end") - Number(b === "end") ||
      Number(a) - Number(b)
    );
    this.objects.set(name, this.#take(name, order));
    return this.#googleObject(name);
  }

  #googleResource(name: string) {
    const slash = name.indexOf("/");
    const [bucket, key] = [name.slice(0, slash), name.slice(slash + 1)];
    const mediaLink = `https://storage.googleapis.com/${bucket}/${key}`;
    const size = String(this.#sizeOf(name));
    return { kind: "storage#object", name: key, bucket, size, updated: NOW, mediaLink };
  }

  #googleObject(name: string): Response {
    if (!this.objects.has(name)) {
      return Response.json({ error: { code: 404, message: "not there" } }, { status: 404 });
    }
    return Response.json(this.#googleResource(name));
  }

  #googleList(bucket: string, query: URLSearchParams): Response {
    const after = query.get("pageToken") ?? "";
    const { names, next } = this.#list(`${bucket}/${query.get("prefix") ?? ""}`, after);
    return Response.json({
      items: names.map((name) => this.#googleResource(name)),
      ...(next === "" ? {} : { nextPageToken: next }),
    });
  }

  async #azure(request: Request, url: URL): Promise<Response> {
    const name = decodeURIComponent(url.pathname.slice(1));
    const query = url.searchParams;
    const common = { "x-ms-request-id": "1", "x-ms-version": "2020-10-02", etag: '"e"' };
    const dated = { ...common, "last-modified": new Date().toUTCString() };
    if (query.get("restype") === "container") {
      if (query.get("comp") === "list") return this.#azureList(name, query);
      return new Response(null, { status: request.method === "PUT" ? 201 : 200, headers: dated });
    }
    switch (request.method) {
      case "PUT": {
        const source = request.headers.get("x-ms-copy-source");
        if (source !== null) {
          const from = decodeURIComponent(new URL(source).pathname.slice(1));
          if (!this.#copy(from, name)) return missing();
          const headers = { ...dated, "x-ms-copy-status": "success", "x-ms-copy-id": "1" };
          return new Response(null, { status: 202, headers });
        }
        if (query.get("comp") === "block") await this.#keep(name, query.get("blockid")!, request);
        else if (query.get("comp") === "blocklist") {
          const order = [...(await request.text()).matchAll(/<Latest>([^<]+)</g)].map(([, id]) =>
            id!
          );
          this.objects.set(name, this.#take(name, order));
        } else this.objects.set(name, await request.bytes());
        return new Response(null, { status: 201, headers: dated });
      }
      case "DELETE":
        return new Response(null, {
          status: this.objects.delete(name) ? 202 : 404,
          headers: common,
        });
      default:
        return this.#head(name, { ...dated, "x-ms-blob-type": "BlockBlob" });
    }
  }

  #azureList(container: string, query: URLSearchParams): Response {
    const prefix = `${container}/${query.get("prefix") ?? ""}`;
    const { names, next } = this.#list(prefix, query.get("marker") ?? "");
    const blobs = names.map((name) =>
      `<Blob><Name>${name.slice(container.length + 1)}</Name><Properties>` +
      `<Last-Modified>${new Date().toUTCString()}</Last-Modified><Etag>e</Etag>` +
      `<Content-Length>${this.#sizeOf(name)}</Content-Length>` +
      "<Content-Type>application/gzip</Content-Type><BlobType>BlockBlob</BlobType>" +
      "<AccessTier>Hot</AccessTier></Properties></Blob>"
    );
    return xml(
      `<EnumerationResults ContainerName="${container}"><Blobs>${blobs.join("")}</Blobs>` +
        `<NextMarker>${next}</NextMarker></EnumerationResults>`,
    );
  }
}

const NOW = new Date().toISOString();

function xml(body: string): Response {
  const headers = { "content-type": "application/xml", etag: '"e"' };
  return new Response(body === "" ? null : `<?xml version="1.0"?>${body}`, { headers });
}

function missing(): Response {
  return new Response(null, { status: 404, headers: { "x-ms-error-code": "BlobNotFound" } });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
