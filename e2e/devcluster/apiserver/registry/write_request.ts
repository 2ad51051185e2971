/** What one write is about, whatever it does. */
import type { ResourceType } from "../model/resource_type.ts";
import type { StrategyContext } from "./strategy.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** What all steps of one write need. */
export interface Write extends StrategyContext {
  type: ResourceType;
  namespace: string;
  manager: string;
  fieldValidation: FieldValidation;
  now: Date;
}
