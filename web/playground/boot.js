"use strict";

// Starts GraphiQL with the server's example requests and demo users.
//
// React, ReactDOM and GraphiQL are globals made by the vendored scripts. There
// is no build step, so elements are made with createElement instead of JSX.

(() => {
  const { createElement, Fragment, useEffect, useLayoutEffect, useRef, useState } = React;
  const { useEditorContext } = GraphiQL.React;

  const NOBODY = "Nobody";
  const OWN_HEADER = "Own header";
  const NEW_TAB = "# Ctrl-Space completes, Ctrl-Enter runs.\n\n";

  // GraphiQL keeps tabs, and with them headers, in localStorage. Tokens are
  // made anew by each server run, so a stored one would stick after a restart
  // and every example would fail. With a store that lives as long as the page,
  // every load starts from the server's examples and fresh tokens, and no
  // token is ever written to disk.
  function memoryStorage() {
    const items = new Map();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => items.set(key, String(value)),
      removeItem: (key) => items.delete(key),
      clear: () => items.clear(),
      get length() {
        return items.size;
      },
    };
  }

  // The text of the headers editor as an object. While somebody is typing it
  // is often not JSON yet; that counts as no headers.
  function parseHeaders(text) {
    try {
      const headers = JSON.parse(text || "{}");
      return headers && typeof headers === "object" && !Array.isArray(headers) ? headers : {};
    } catch {
      return {};
    }
  }

  // The headers text with user's token in it (or none), other headers kept.
  function headersFor(user, text = "") {
    const headers = {};
    for (const [name, value] of Object.entries(parseHeaders(text))) {
      if (name.toLowerCase() !== "authorization") headers[name] = value;
    }
    if (user) headers.Authorization = `Bearer ${user.token}`;
    return Object.keys(headers).length > 0 ? JSON.stringify(headers, null, 2) : "";
  }

  // Who the headers text speaks for. The headers are the only truth: the select
  // shows what will be sent, even after the reader edits the header by hand.
  function userNameIn(text, users) {
    const headers = Object.entries(parseHeaders(text));
    const authorization = headers.find(([name]) => name.toLowerCase() === "authorization")?.[1];
    if (!authorization) return NOBODY;
    return users.find((user) => authorization === `Bearer ${user.token}`)?.name ?? OWN_HEADER;
  }

  const isHeartbeat = ({ value }) => Object.values(value?.data ?? {}).some((event) => event?.type === "HEARTBEAT");

  // What a subscription tells. GraphiQL shows the last thing only, so a
  // heartbeat, which says no more than that the stream lives, would wipe out
  // what was told before it. It is shown only while there is nothing else.
  // Not a generator: one that waits for an event cannot be stopped.
  function keepingNews(answers) {
    let isNews = false;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        for (;;) {
          const answer = await answers.next();
          if (answer.done || !isNews || !isHeartbeat(answer)) {
            isNews ||= !isHeartbeat(answer);
            return answer;
          }
        }
      },
      return: (value) => answers.return(value),
    };
  }

  function makeFetcher(session) {
    const endpoint = new URL(session.endpoint, location.href);
    const socket = new URL(endpoint);
    socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";
    const send = GraphiQL.createFetcher({
      url: endpoint.href,
      // GraphiQL speaks graphql-ws here when a subscription is run, and passes
      // the headers as connection parameters; a browser cannot set headers on
      // a WebSocket.
      subscriptionUrl: socket.href,
      enableIncrementalDelivery: false,
      // With plain JSON a GraphQL error is an answer with status 200, so that
      // an example of a refusal does not also look like a network failure.
      headers: { accept: "application/json" },
    });
    return async (request, options) => {
      // GraphiQL reads the schema before its headers editor exists, and again
      // on a tab without a user. The server may want to know who asks.
      if (request.operationName === "IntrospectionQuery" && !options?.headers) {
        return send(request, { ...options, headers: parseHeaders(headersFor(session.users[0])) });
      }
      const answer = await send(request, options);
      return answer[Symbol.asyncIterator] ? keepingNews(answer) : answer;
    };
  }

  // The select in the bar. It lives inside GraphiQL's tree, where the editors
  // can be reached, and is drawn into the bar through a portal.
  function UserSelect({ users, onHeaders }) {
    const { headerEditor, tabs, activeTabIndex, updateActiveTabValues } = useEditorContext();
    const text = tabs[activeTabIndex]?.headers ?? "";
    const name = userNameIn(text, users);
    const user = users.find((candidate) => candidate.name === name);

    // A tab opened with "+" goes on as the user of the tab before it.
    useEffect(() => onHeaders(headersFor(user)), [onHeaders, user]);

    const choose = (event) => {
      const chosen = users.find((candidate) => candidate.name === event.target.value);
      const headers = headersFor(chosen, headerEditor?.getValue());
      headerEditor?.setValue(headers);
      // The editor reports its change only after a pause; a reader who presses
      // run or another tab in that time must already find the new user.
      updateActiveTabValues({ headers });
    };

    if (users.length === 0) {
      return createElement("p", null, 'Sign in under Headers: { "Authorization": "Bearer …" }');
    }
    return createElement(
      Fragment,
      null,
      createElement("p", { id: "user-description" }, user?.description),
      createElement("label", { htmlFor: "user-select" }, "Run as"),
      createElement(
        "select",
        { id: "user-select", value: name, onChange: choose, "aria-describedby": "user-description" },
        users.map(({ name, description }) => createElement("option", { key: name, title: description }, name)),
        createElement("option", { title: "Send no token" }, NOBODY),
        name === OWN_HEADER && createElement("option", { disabled: true }, OWN_HEADER),
      ),
    );
  }

  // GraphiQL labels a tab with its operation's name and takes no other label.
  // This puts the example's title there for as long as the operation keeps its
  // name. React rewrites the label only when the operation is renamed, and then
  // the title is no longer wanted.
  function TabTitles({ examples }) {
    const { tabs } = useEditorContext();
    const titles = useRef(null);
    titles.current ??= new Map(
      tabs.map((tab, index) => [tab.id, { operation: tab.title, title: examples[index]?.title }]),
    );
    useLayoutEffect(() => {
      tabs.forEach((tab, index) => {
        const example = titles.current.get(tab.id);
        const button = document.getElementById(`graphiql-session-tab-${index}`);
        if (button && example?.title && example.operation === tab.title) {
          button.textContent = example.title;
        }
      });
    });
    return null;
  }

  function Playground({ session }) {
    // Made once: a new fetcher or storage object would make GraphiQL start over.
    const [{ tabs, storage, fetcher }] = useState(() => ({
      tabs: session.tabs.map(({ query, variables, user }) => ({
        query,
        variables,
        headers: headersFor(session.users.find(({ name }) => name === user)),
      })),
      storage: memoryStorage(),
      fetcher: makeFetcher(session),
    }));
    const [headers, setHeaders] = useState(tabs[0]?.headers ?? headersFor(session.users[0]));

    return createElement(
      GraphiQL,
      {
        fetcher,
        storage,
        shouldPersistHeaders: false,
        defaultTabs: tabs.length > 0 ? tabs : undefined,
        defaultQuery: NEW_TAB,
        // GraphiQL fills in only the query of the first default tab by itself.
        variables: tabs[0]?.variables,
        defaultHeaders: headers,
        defaultEditorToolsVisibility: "variables",
      },
      // The bar says whose page this is; an empty logo leaves room for tabs.
      createElement(GraphiQL.Logo, null, createElement(Fragment)),
      createElement(TabTitles, { examples: session.tabs }),
      ReactDOM.createPortal(
        createElement(UserSelect, { users: session.users, onHeaders: setHeaders }),
        document.getElementById("user"),
      ),
    );
  }

  async function start() {
    const main = document.getElementById("playground");
    try {
      const answer = await fetch("/playground/session.json", { cache: "no-store" });
      if (!answer.ok) throw new Error(await answer.text());
      const session = await answer.json();
      ReactDOM.createRoot(main).render(createElement(Playground, { session }));
    } catch (error) {
      const message = document.createElement("p");
      message.className = "message";
      message.textContent = `The playground could not start. ${error.message}`;
      main.replaceChildren(message);
    }
  }

  start();
})();
