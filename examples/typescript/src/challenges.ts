import type { Client } from "@urql/core";

import { ask, faultsOf } from "./client.js";
import { AskError, type Fault } from "./faults.js";
import { graphql } from "./generated/index.js";
import type { CreateTransactionRequestInput, FollowChallengesSubscription, OpenChallengesQuery } from "./generated/graphql.js";

const PAUSE = 500; // Milliseconds before all is read anew.

// In one operation `eventHeads` is answered first: what happens while the others are read is in the stream.
const OpenChallenges = graphql(`
  query OpenChallenges {
    eventHeads { challenges }
    viewer {
      challenges(filter: { status: [OPEN] }, first: 50) {
        nodes { id value { amount currency } transactionRequest { id description } }
      }
    }
  }
`);

const FollowChallenges = graphql(`
  subscription FollowChallenges($after: Cursor) {
    challengeEvents(after: $after) {
      cursor
      type
      challengeId
      challenge { id value { amount currency } transactionRequest { id description } }
    }
  }
`);

const Pay = graphql(`
  mutation Pay($input: CreateTransactionRequestInput!) {
    createTransactionRequest(input: $input) {
      __typename
      ... on CreateTransactionRequestSuccess { id status }
      ... on Rejection { code message correlationId }
    }
  }
`);

export type ChallengeEvent = FollowChallengesSubscription["challengeEvents"];
export type OpenChallenge = NonNullable<NonNullable<OpenChallengesQuery["viewer"]>["challenges"]>["nodes"][number];

/** Who is shown what waits for them. */
export interface View {
  /** All that is open, at first and whenever what happened since is kept no longer. */
  open(challenges: OpenChallenge[]): void;
  /** What happened since. Of what happened while `open` was read, some is in both. */
  event(event: ChallengeEvent): void;
}

/** Shows what waits for the caller, and goes on until the signal; throws an AskError when that cannot be. */
export async function followChallenges(client: Client, view: View, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { eventHeads, viewer } = await ask(client, OpenChallenges, {});
    view.open(viewer?.challenges?.nodes ?? []);
    const faults = await follow(client, eventHeads?.challenges ?? null, view, signal);
    if (!faults.every(({ code, retryable }) => retryable || code === "CURSOR_EXPIRED")) throw new AskError(faults, 1);
    await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : PAUSE));
  }
}

/** Why it ended; without a fault when the server or the signal ended it. */
function follow(client: Client, after: string | null, view: View, signal: AbortSignal): Promise<Fault[]> {
  return new Promise((resolve) => {
    const stop = (faults: Fault[]) => {
      signal.removeEventListener("abort", aborted);
      subscription.unsubscribe();
      resolve(faults);
    };
    const aborted = () => stop([]);
    const subscription = client.subscription(FollowChallenges, { after }).subscribe(({ data, error, hasNext }) => {
      // At its end urql says once more what it said last.
      if (error) stop(faultsOf(error));
      else if (!hasNext) stop([]);
      else if (data && data.challengeEvents.type !== "HEARTBEAT") view.event(data.challengeEvents);
    });
    signal.addEventListener("abort", aborted);
  });
}

/** Pays, and answers with the request; throws what the server says when it does not. */
export async function pay(client: Client, input: CreateTransactionRequestInput): Promise<{ id: string; status: string }> {
  const { createTransactionRequest: payload } = await ask(client, Pay, { input });
  if (payload.__typename === "CreateTransactionRequestSuccess") return payload;
  throw new Error(`${payload.message} (${payload.code}, ${payload.correlationId})`);
}
