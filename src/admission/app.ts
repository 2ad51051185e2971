/** Answers reviews over HTTP. Whatever goes wrong here stops nobody: it is said in a warning. */

import { answerTo, type Review, reviewOf, type Verdict } from "./review.ts";

/** Where the API server asks. */
export const ADMISSION_PATH = "/admission";

/** Reviews under way at once; each takes memory and keeps others waiting. */
const MOST_AT_ONCE = 8;

/** What the application works with. */
export interface AdmissionPorts {
  /** Undefined until the caches are filled. */
  readonly judge: () => ((review: Review, signal: AbortSignal) => Promise<Verdict>) | undefined;
  /** Longest time for one answer. */
  readonly deadlineMs: number;
  /** Told of faults; a message may come from anywhere, so it is no part of an answer. */
  readonly failed: (error: unknown) => void;
}

/** Makes the application. */
export function createAdmissionApp(
  { judge, deadlineMs, failed }: AdmissionPorts,
): { fetch(request: Request): Promise<Response> } {
  let busy = 0;
  const verdictOf = async (review: Review): Promise<Verdict> => {
    const judging = judge();
    if (judging === undefined) return unplanned("the operator is starting");
    if (busy >= MOST_AT_ONCE) return unplanned("the operator is asked too much at once");
    busy++;
    const limit = new AbortController();
    const late = unplanned("that takes too long");
    const timer = setTimeout(() => limit.abort(late), deadlineMs);
    try {
      return await judging(review, limit.signal);
    } catch (error) {
      if (limit.signal.aborted) return late;
      failed(error);
      return unplanned("the operator failed; its log says why");
    } finally {
      clearTimeout(timer);
      busy--;
    }
  };
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.replace(/\/$/, "") !== ADMISSION_PATH) {
        return problem(404, `there is no ${pathname}`);
      }
      if (request.method !== "POST") return problem(405, "ask by POST");
      const review = reviewOf(await request.text());
      if (review === undefined) return problem(400, "the body is no AdmissionReview");
      return Response.json(answerTo(review, await verdictOf(review)));
    },
  };
}

function unplanned(why: string): Verdict {
  return { warnings: [`what this change does is not known: ${why}`] };
}

function problem(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
