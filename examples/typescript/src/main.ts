// A dashboard without a screen: asks a bankgraph with the demo data, and prints what it sees.
//
//   npm start -- URL TOKEN [--trusted]
//
// The token is one of demo-admin. Exits with 1 when something is not as it should be.

import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { connect } from "./client.js";
import { allCustomers, overview } from "./customers.js";
import { AskError } from "./faults.js";
import { giveRole, type Outcome, takeRole } from "./roles.js";

// The demo has them everywhere.
const BANK = "gh.29.uk";
const CUSTOMER = "5987953";
const STRANGER = "usr_BVAu3rCVsT8NuBd8pK25m"; // demo-stranger, who holds no role

const { positionals, values } = parseArgs({ allowPositionals: true, options: { trusted: { type: "boolean", default: false } } });
const [base, token] = positionals;
if (!base || !token) {
  console.error("usage: npm start -- URL TOKEN [--trusted]");
  process.exit(2);
}
const client = connect({ base, token, trusted: values.trusted });

await showOverview();
await showCustomers();
await showRoles();
await showErrors();

async function showOverview() {
  const customer = await overview(client, BANK, CUSTOMER);
  assert(customer, `there is no customer ${CUSTOMER}`);
  console.log(`${customer.legalName} (${customer.customerNumber}), KYC ${customer.kycStatus}`);
  for (const { label, iban, balance } of customer.accounts?.nodes ?? []) {
    console.log(`  ${label}  ${iban}  ${balance?.amount} ${balance?.currency}`);
  }
  assert(customer.accounts?.nodes.length, "the customer has no account");
  assert.equal(await overview(client, BANK, "no such number"), undefined);
}

async function showCustomers() {
  const { rows, pages, totalCount } = await allCustomers(client, BANK);
  assert.equal(rows.length, totalCount, "the pages hold as many customers as totalCount says");
  assert.equal(new Set(rows.map(({ id }) => id)).size, totalCount, "no customer is on two pages");
  assert(pages > 1, "there is more than one page");
  console.log(`${totalCount} customers of ${BANK} on ${pages} pages, ${rows.filter(({ kycStatus }) => kycStatus === "OK").length} with KYC OK`);
}

async function showRoles() {
  const input = { userId: STRANGER, role: "CanGetTaxResidence", bankId: BANK };
  const given = await giveRole(client, input);
  assert(given.done, `the role was not given: ${JSON.stringify(given)}`);
  expectRejection(await giveRole(client, input), "INVALID_STATE");
  const taken = await takeRole(client, given.entitlement.id);
  assert(taken.done, `the role was not taken: ${JSON.stringify(taken)}`);
  expectRejection(await takeRole(client, given.entitlement.id), "NOT_FOUND");
  console.log(`${input.role} given and taken`);
}

function expectRejection(outcome: Outcome, code: string) {
  assert(!outcome.done, `${code} was expected, and it was done`);
  assert.equal(outcome.rejection.code, code);
  console.log(`  rejected: ${outcome.rejection.message} ${outcome.hint} (${outcome.rejection.correlationId})`);
}

async function showErrors() {
  const error = await allCustomers(client, BANK, 1000).then(() => undefined, (reason: unknown) => reason);
  assert(error instanceof AskError, "a page of 1000 is refused");
  assert.deepEqual(error.faults.map(({ code }) => code), ["BAD_USER_INPUT"]);
  assert.equal(error.attempts, 1, "what does not help is not repeated");
  console.log(`error: ${error.message} (${error.faults[0]?.correlationId})`);
}
