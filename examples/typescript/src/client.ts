import {
  type AnyVariables, Client, type CombinedError, type DocumentInput, type Exchange, fetchExchange, type OperationResult, type TypedDocumentNode,
} from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { Kind } from "graphql";

import { AskError, type Fault, faultOf } from "./faults.js";
import { overSocket } from "./socket.js";

const ATTEMPTS = 4;
const FIRST_PAUSE = 200; // Milliseconds; each pause is twice the one before.

export interface Options {
  base: string;
  token: string;
  /** Send the name of a document instead of its text: the server must have been started with persisted-documents.json. */
  trusted?: boolean;
  /** For tests. */
  fetch?: typeof fetch;
  /** Where the platform has no WebSocket of its own, as in Node.js 20. */
  webSocket?: unknown;
}

/** The client has no cache: a dashboard for people who decide about money shows what is true now. */
export function connect({ base, token, trusted = false, fetch = globalThis.fetch, webSocket }: Options): Client {
  const exchanges: Exchange[] = [fetchExchange, overSocket({ base, token, webSocket })];
  if (trusted) {
    exchanges.unshift(
      persistedExchange({
        preferGetForPersistedQueries: false,
        enforcePersistedQueries: true, // no text is sent, not even when the server does not know the name
        enableForMutation: true,
        generateHash: async (_, document) => nameOf(document),
      }),
    );
  }
  return new Client({
    url: `${base}/graphql`,
    exchanges,
    fetch,
    preferGetMethod: false,
    requestPolicy: "network-only",
    fetchOptions: () => ({ headers: { Authorization: `Bearer ${token}` } }),
  });
}

/** The name that graphql-codegen gave the document, without the algorithm in front. */
function nameOf(document: object): string {
  const { hash } = (document as { __meta__: { hash: string } }).__meta__;
  return hash.replace(/^sha256:/, "");
}

/**
 * Asks, and asks again when that can help. Answers with all that was asked for, or throws an AskError: half of an answer
 * is none here. Rejections of mutations are no errors: they are in the answer.
 */
export async function ask<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const isMutation = document.definitions.some((d) => d.kind === Kind.OPERATION_DEFINITION && d.operation === "mutation");
  for (let attempt = 1; ; attempt++) {
    const result = await send(client, document, variables, isMutation);
    if (!result.error && result.data) return result.data;
    const faults = faultsOf(result.error);
    if (attempt === ATTEMPTS || !faults.every((fault) => mayAskAgain(fault, isMutation))) throw new AskError(faults, attempt);
    const pause = Math.max(FIRST_PAUSE * 2 ** (attempt - 1), ...faults.map((fault) => fault.retryAfterMs ?? 0));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function send<Data, Variables extends AnyVariables>(
  client: Client,
  document: DocumentInput<Data, Variables>,
  variables: Variables,
  isMutation: boolean,
): Promise<OperationResult<Data, Variables>> {
  return isMutation ? client.mutation(document, variables).toPromise() : client.query(document, variables).toPromise();
}

/** Why an operation failed: what the server says, or that it says nothing. */
export function faultsOf(error: CombinedError | undefined): Fault[] {
  if (error?.graphQLErrors.length) return error.graphQLErrors.map(faultOf);
  return [{ code: "NETWORK", message: error?.message ?? "The answer holds neither data nor errors.", retryable: true }];
}

/**
 * A query may be asked again whenever the server says so. A mutation that took too long may have been done all the same,
 * and is only sent again when it cannot have begun.
 */
function mayAskAgain(fault: Fault, isMutation: boolean): boolean {
  return fault.retryable && (!isMutation || fault.code === "RATE_LIMITED");
}
