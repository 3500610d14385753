import type { GraphQLError } from "graphql";

import type { ErrorCode } from "./generated/enums.js";

/** One entry of `errors` in an answer, or that there was no answer. */
export interface Fault {
  code: ErrorCode | "NETWORK" | "UNKNOWN";
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  /** What to quote when you ask for help. */
  correlationId?: string;
}

/** Why a question was not answered. */
export class AskError extends Error {
  readonly faults: Fault[];
  readonly attempts: number;

  constructor(faults: Fault[], attempts: number) {
    super(faults.map((fault) => `${advice[fault.code]} (${fault.code}: ${fault.message})`).join("\n"));
    this.name = "AskError";
    this.faults = faults;
    this.attempts = attempts;
  }
}

// What a person at the dashboard is told. The type demands a line for every code of the schema.
const advice: Record<Fault["code"], string> = {
  UNAUTHENTICATED: "Log in again.",
  FORBIDDEN: "Ask your bank for the role.",
  BAD_USER_INPUT: "Change what you entered.",
  GRAPHQL_PARSE_FAILED: "The dashboard is broken.",
  GRAPHQL_VALIDATION_FAILED: "The dashboard is older than the server: load it again.",
  GRAPHQL_LIMIT_EXCEEDED: "Ask for less at once.",
  PERSISTED_QUERY_NOT_FOUND: "The dashboard is older than the server: load it again.",
  RATE_LIMITED: "Wait a little.",
  CURSOR_EXPIRED: "Load the list again.",
  SLOW_CONSUMER: "Load the list again.",
  TIMEOUT: "Try again.",
  UPSTREAM_UNAVAILABLE: "Try again.",
  INTERNAL: "Ask for help.",
  NETWORK: "Look at your connection.",
  UNKNOWN: "Ask for help.",
};

/** Reads `extensions`, which GraphQL leaves without a type. A code that is new to this client is UNKNOWN. */
export function faultOf({ message, extensions }: Pick<GraphQLError, "message" | "extensions">): Fault {
  const { code, retryable, retryAfterMs, correlationId } = extensions;
  const fault: Fault = { code: isKnown(code) ? code : "UNKNOWN", message, retryable: retryable === true };
  if (typeof retryAfterMs === "number") fault.retryAfterMs = retryAfterMs;
  if (typeof correlationId === "string") fault.correlationId = correlationId;
  return fault;
}

function isKnown(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(advice, code);
}
