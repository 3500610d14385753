// What a Relay application asks of the schema: connections that it can page through, objects that it can fetch
// again by their identifier, and fragments that lists keep up to date. It is compiled, and never run.

import { graphql } from "relay-runtime";

export const page = graphql`
  query CustomersPageQuery($bankId: String!, $first: Int!, $after: Cursor) {
    ...Customers_list @arguments(bankId: $bankId, first: $first, after: $after)
  }
`;

// usePaginationFragment: Relay generates the query of the next page by itself.
export const list = graphql`
  fragment Customers_list on Query
  @refetchable(queryName: "CustomersNextPageQuery")
  @argumentDefinitions(bankId: { type: "String!" }, first: { type: "Int", defaultValue: 20 }, after: { type: "Cursor" }) {
    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME })
      @connection(key: "Customers_customers", filters: ["bankId"]) {
      totalCount
      edges { node { ...Customers_row } }
    }
  }
`;

// useRefetchableFragment: the query is `node(id: …)`.
export const row = graphql`
  fragment Customers_row on Customer @refetchable(queryName: "CustomersRowQuery") {
    customerNumber
    legalName
    kycStatus
  }
`;

// A connection on a node: the next page is `node(id: …) { ... on Customer { kycDocuments } }`.
export const documents = graphql`
  fragment Customers_documents on Customer
  @refetchable(queryName: "CustomersDocumentsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "Cursor" }) {
    kycDocuments(first: $first, after: $after) @connection(key: "Customers_kycDocuments") {
      edges { node { id type reviewStatus expiresOn } }
    }
  }
`;

export const give = graphql`
  mutation CustomersGiveRoleMutation($input: CreateEntitlementInput!) @raw_response_type {
    createEntitlement(input: $input) {
      __typename
      ... on CreateEntitlementSuccess { entitlement { id role bankId } }
      ... on Rejection { code message correlationId }
    }
  }
`;
