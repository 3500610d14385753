// The page of page/index.html: what waits for demo-owner, as it comes. `npm run bundle` makes it ready for a browser.

import { type ChallengeEvent, followChallenges, type OpenChallenge, pay } from "./challenges.js";
import { connect } from "./client.js";

// From the savings account of demo-owner to their current account. From 1000 euros on somebody has to approve it.
const PAYMENT = {
  bankId: "gh.29.uk",
  accountId: "acc_BZTWzZqoH641XdvQaqjQT",
  payee: { account: { bankId: "gh.29.uk", accountId: "acc_BZRdBejV5d2RDfn9zbHGi" } },
  value: { amount: "1000.00", currency: "EUR" },
  description: "From the page",
};

const form = element<HTMLFormElement>("form");
const payButton = element<HTMLButtonElement>("#pay");
const list = element("#challenges");

form.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const { base, token } = Object.fromEntries(new FormData(form)) as Record<string, string>;
  const client = connect({ base: base ?? "", token: token ?? "" });
  element("form button").setAttribute("disabled", "");
  payButton.disabled = false;
  payButton.addEventListener("click", () =>
    pay(client, { ...PAYMENT, idempotencyKey: crypto.randomUUID() }).then(({ status }) => tell(`Paid: ${status}`), fail),
  );
  followChallenges(client, { open: showAll, event: showEvent }, new AbortController().signal).catch(fail);
});

function showAll(challenges: OpenChallenge[]) {
  list.replaceChildren();
  for (const challenge of challenges) show(challenge.id, "OPEN", challenge);
  tell(`Open: ${challenges.length}`);
}

function showEvent({ challengeId, type, challenge }: ChallengeEvent) {
  if (challengeId) show(challengeId, type, challenge);
}

/** A line for each challenge, which says what happened to it last. */
function show(id: string, what: string, challenge: ChallengeEvent["challenge"]) {
  const row = document.getElementById(id) ?? list.appendChild(Object.assign(document.createElement("li"), { id }));
  row.textContent = [what, challenge?.value.amount, challenge?.value.currency, challenge?.transactionRequest?.description].filter(Boolean).join(" ");
}

function tell(sentence: string) {
  element("#status").textContent = sentence;
}

function fail(error: Error) {
  tell(error.message);
}

function element<Kind extends HTMLElement>(selector: string): Kind {
  const found = document.querySelector<Kind>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}
