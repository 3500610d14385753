// Asks a running server all that "GraphQL over HTTP" asks of one. Every audit must be ok: not only what the
// specification demands (MUST), also what it recommends (SHOULD) and allows (MAY), so that no client has to know us.
//
//   node audit.mjs <base-url>
//
// Needs no token: `__typename` is for everybody. Exits with 1 and every audit that is not ok.

import { auditServer } from "graphql-http";

const AUDITS = 61; // as many as graphql-http 1.23.1 has: fewer would be a check that went missing

const [base] = process.argv.slice(2);
if (!base) throw new Error("usage: node audit.mjs <base-url>");

const results = await auditServer({ url: `${base}/graphql` });
const others = results.filter((result) => result.status !== "ok");
for (const { status, id, name, reason } of others) {
  console.error(`${status.padEnd(6)} ${id}  ${name}\n              ${reason}`);
}
const count = results.length - others.length;
console.log(`audit: ${count} of ${results.length} are ok`);
if (count !== AUDITS) {
  if (results.length !== AUDITS) console.error(`audit: ${AUDITS} were expected; was graphql-http raised?`);
  process.exitCode = 1;
}
