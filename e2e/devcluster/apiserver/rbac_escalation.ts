import type { KubeObject } from "./json.ts";
import type { StrategyContext } from "./strategy/strategy.ts";
export function checkRoleEscalation(_o: KubeObject, _c: StrategyContext): void {}
export function checkBindingEscalation(_o: KubeObject, _c: StrategyContext): void {}
