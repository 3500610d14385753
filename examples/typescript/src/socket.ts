import { type Exchange, subscriptionExchange } from "@urql/core";
import { type Client, CloseCode, createClient, type ExecutionResult } from "graphql-ws";

const FIRST_PAUSE = 200; // Milliseconds; each pause is twice the one before, up to LAST_PAUSE.
const LAST_PAUSE = 10_000;

interface Options {
  base: string;
  token: string;
  webSocket?: unknown;
}

/**
 * Subscriptions over one WebSocket, which is opened for the first, closed after the last, and opened again whenever it
 * breaks. One whose variables have `after` then goes on behind the last event that it was told: nothing is lost.
 */
export function overSocket(options: Options): Exchange {
  let client: Client | undefined;
  return subscriptionExchange({
    forwardSubscription: ({ query = "", variables }) => ({
      subscribe(sink) {
        client ??= open(options);
        // The client sends the request as it is by then, each time that it connects.
        const request = { query, variables: { ...variables } as Record<string, unknown> };
        const unsubscribe = client.subscribe(request, {
          next(result) {
            const cursor = cursorIn(result);
            if ("after" in request.variables && cursor) request.variables.after = cursor;
            sink.next(result as Parameters<typeof sink.next>[0]);
          },
          error: (reason) => sink.error(reason instanceof Error || Array.isArray(reason) ? reason : new Error(sentenceOf(reason))),
          complete: () => sink.complete(),
        });
        return { unsubscribe };
      },
    }),
  });
}

function open({ base, token, webSocket }: Options): Client {
  const client = createClient({
    url: `${base.replace(/^http/, "ws")}/graphql`,
    webSocketImpl: webSocket ?? globalThis.WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
    retryAttempts: Infinity,
    retryWait: pause,
    // Of itself the client gives up when there is no network. The server's 4403 says that the token does not hold, and
    // this program has no other one.
    shouldRetry: (reason) => (reason as CloseEvent | undefined)?.code !== CloseCode.Forbidden,
  });
  // A browser tells that the network is gone long before a connection finds out.
  globalThis.addEventListener?.("offline", () => client.terminate());
  return client;
}

/** Longer after each try, and for as long as the browser knows that there is no network; never the same for two clients. */
async function pause(retries: number): Promise<void> {
  if (globalThis.navigator?.onLine === false) await new Promise((resolve) => globalThis.addEventListener("online", resolve, { once: true }));
  const longest = Math.min(FIRST_PAUSE * 2 ** retries, LAST_PAUSE);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}

/** The place of an event in its stream: every field of Subscription has it. */
function cursorIn({ data }: Pick<ExecutionResult, "data">): unknown {
  const [event] = Object.values(data ?? {}) as ({ cursor?: unknown } | null)[];
  return event?.cursor;
}

/** What the server said when it closed the connection. */
function sentenceOf(reason: unknown): string {
  const { code, reason: sentence } = reason as Partial<CloseEvent>;
  return sentence || `The connection is closed (${code ?? "without a code"}).`;
}
