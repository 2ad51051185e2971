import type { User } from "./authn.ts";
import type { RequestInfo } from "./request_info.ts";
import type { Store } from "./store.ts";
import { ApiError } from "./api_error.ts";
export function authorize(_store: Store, user: User, _info: RequestInfo): void {
  if (!user.groups.includes("system:masters")) throw new ApiError(403, "Forbidden", "forbidden");
}
