import type { Client } from "@urql/core";

import { ask } from "./client.js";
import { graphql } from "./generated/index.js";
import type { CreateEntitlementInput, GiveRoleMutation, RejectionCode } from "./generated/graphql.js";

// Every rejection is a Rejection, also those of a type that the server has and this client was not built with.
const GiveRole = graphql(`
  mutation GiveRole($input: CreateEntitlementInput!) {
    createEntitlement(input: $input) {
      __typename
      ... on CreateEntitlementSuccess { entitlement { id role bankId } }
      ... on Rejection { code message correlationId }
      ... on ValidationRejection { fieldErrors { path message } }
      ... on ForbiddenRejection { missingRoles { role bankId } }
    }
  }
`);

const TakeRole = graphql(`
  mutation TakeRole($input: DeleteEntitlementInput!) {
    deleteEntitlement(input: $input) {
      __typename
      ... on DeleteEntitlementSuccess { entitlement { id role bankId } }
      ... on Rejection { code message correlationId }
    }
  }
`);

export interface Entitlement {
  id: string;
  role: string;
  bankId: string | null;
}

export interface Rejection {
  code: RejectionCode;
  message: string;
  correlationId: string;
}

/** What came of a mutation: `if (outcome.done)` tells the two apart, and the compiler knows. */
export type Outcome = { done: true; entitlement: Entitlement } | { done: false; rejection: Rejection; hint: string };

export async function giveRole(client: Client, input: CreateEntitlementInput): Promise<Outcome> {
  const { createEntitlement: payload } = await ask(client, GiveRole, { input });
  if (payload.__typename === "CreateEntitlementSuccess") return { done: true, entitlement: payload.entitlement };
  return { done: false, rejection: payload, hint: hintOf(payload) };
}

export async function takeRole(client: Client, id: string): Promise<Outcome> {
  const { deleteEntitlement: payload } = await ask(client, TakeRole, { input: { id } });
  if (payload.__typename === "DeleteEntitlementSuccess") return { done: true, entitlement: payload.entitlement };
  return { done: false, rejection: payload, hint: generalHints[payload.code] ?? payload.message };
}

type Refused = Exclude<GiveRoleMutation["createEntitlement"], { __typename: "CreateEntitlementSuccess" }>;

/** What the form shows. A type that the schema's union gets later stops the compiler at `later`. */
function hintOf(payload: Refused): string {
  switch (payload.__typename) {
    case "ValidationRejection":
      return payload.fieldErrors.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
    case "ForbiddenRejection":
      return `One of these would do: ${payload.missingRoles.map(({ role }) => role).join(", ")}.`;
    case "NotFoundRejection":
    case "InvalidStateRejection":
    case "PolicyRejection":
      return generalHints[payload.code];
    default:
      return later(payload);
  }
}

/** The compiler proves that nothing comes here; a newer server may still send it, and then it is a Rejection. */
function later(payload: never): string {
  return (payload as Rejection).message;
}

// The type demands a line for every code of the schema.
const generalHints: Record<RejectionCode, string> = {
  VALIDATION: "Look at the marked fields.",
  VERSION_CONFLICT: "Somebody else changed it: read it again, and decide anew.",
  NOT_FOUND: "Pick something else.",
  FORBIDDEN: "Ask for a role.",
  INSUFFICIENT_FUNDS: "Pay less, or pay in first.",
  LIMIT_EXCEEDED: "Do less, or wait.",
  INVALID_STATE: "Look at it again.",
  CHALLENGE_FAILED: "Answer again.",
  CHALLENGE_EXPIRED: "Ask for a new challenge.",
  IDEMPOTENCY_CONFLICT: "Start again.",
  POLICY: "Read the message.",
};
