import type { Client } from "@urql/core";

import { ask } from "./client.js";
import { graphql } from "./generated/index.js";
import type { CustomerOverviewQuery, CustomersPageQuery } from "./generated/graphql.js";

const PAGE_SIZE = 100;

const CustomerOverview = graphql(`
  query CustomerOverview($bankId: String!, $customerNumber: String!) {
    customerOverview(bankId: $bankId, customerNumber: $customerNumber) {
      customerNumber
      legalName
      kycStatus
      kycDocuments(first: 5) { totalCount nodes { id type reviewStatus expiresOn } }
      accounts { nodes { id label iban balance { amount currency } } }
    }
  }
`);

const CustomersPage = graphql(`
  query CustomersPage($bankId: String!, $first: Int!, $after: Cursor) {
    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id legalName kycStatus }
    }
  }
`);

export type Overview = NonNullable<CustomerOverviewQuery["customerOverview"]>;
export type Row = CustomersPageQuery["customers"]["nodes"][number];

/** The customer with this number; undefined when there is none, or the caller may not see it. */
export async function overview(client: Client, bankId: string, customerNumber: string): Promise<Overview | undefined> {
  const { customerOverview } = await ask(client, CustomerOverview, { bankId, customerNumber });
  return customerOverview ?? undefined;
}

export interface CustomerList {
  rows: Row[];
  pages: number;
  totalCount: number;
}

/** All customers of a bank, page by page. */
export async function allCustomers(client: Client, bankId: string, first = PAGE_SIZE): Promise<CustomerList> {
  const list: CustomerList = { rows: [], pages: 0, totalCount: 0 };
  let after: string | null = null;
  do {
    const { customers }: CustomersPageQuery = await ask(client, CustomersPage, { bankId, first, after });
    list.rows.push(...customers.nodes);
    list.pages++;
    list.totalCount = customers.totalCount;
    after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : null;
  } while (after !== null);
  return list;
}
