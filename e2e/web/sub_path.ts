/** A proxy that puts a server below a path, as an Ingress does. */

/** Serves `target` below `path`; everything else is 404. */
export function serveBelow(
  path: string,
  target: string,
): { origin: string; stop(): Promise<void> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${path}/`)) return new Response("not here", { status: 404 });
    const answer = await fetch(target + url.pathname.slice(path.length) + url.search, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      signal: request.signal,
    });
    const headers = new Headers(answer.headers);
    // What arrives here is unpacked already.
    headers.delete("content-encoding");
    headers.delete("content-length");
    return new Response(answer.body, { status: answer.status, headers });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      await Promise.race([server.shutdown(), new Promise((end) => setTimeout(end, 500))]);
    },
  };
}
