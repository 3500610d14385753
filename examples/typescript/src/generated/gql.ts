/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query OpenChallenges {\n    eventHeads { challenges }\n    viewer {\n      challenges(filter: { status: [OPEN] }, first: 50) {\n        nodes { id value { amount currency } transactionRequest { id description } }\n      }\n    }\n  }\n": typeof types.OpenChallengesDocument,
    "\n  subscription FollowChallenges($after: Cursor) {\n    challengeEvents(after: $after) {\n      cursor\n      type\n      challengeId\n      challenge { id value { amount currency } transactionRequest { id description } }\n    }\n  }\n": typeof types.FollowChallengesDocument,
    "\n  mutation Pay($input: CreateTransactionRequestInput!) {\n    createTransactionRequest(input: $input) {\n      __typename\n      ... on CreateTransactionRequestSuccess { id status }\n      ... on Rejection { code message correlationId }\n    }\n  }\n": typeof types.PayDocument,
    "\n  query CustomerOverview($bankId: String!, $customerNumber: String!) {\n    customerOverview(bankId: $bankId, customerNumber: $customerNumber) {\n      customerNumber\n      legalName\n      kycStatus\n      kycDocuments(first: 5) { totalCount nodes { id type reviewStatus expiresOn } }\n      accounts { nodes { id label iban balance { amount currency } } }\n    }\n  }\n": typeof types.CustomerOverviewDocument,
    "\n  query CustomersPage($bankId: String!, $first: Int!, $after: Cursor) {\n    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME }) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes { id legalName kycStatus }\n    }\n  }\n": typeof types.CustomersPageDocument,
    "\n  mutation GiveRole($input: CreateEntitlementInput!) {\n    createEntitlement(input: $input) {\n      __typename\n      ... on CreateEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n      ... on ValidationRejection { fieldErrors { path message } }\n      ... on ForbiddenRejection { missingRoles { role bankId } }\n    }\n  }\n": typeof types.GiveRoleDocument,
    "\n  mutation TakeRole($input: DeleteEntitlementInput!) {\n    deleteEntitlement(input: $input) {\n      __typename\n      ... on DeleteEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n    }\n  }\n": typeof types.TakeRoleDocument,
};
const documents: Documents = {
    "\n  query OpenChallenges {\n    eventHeads { challenges }\n    viewer {\n      challenges(filter: { status: [OPEN] }, first: 50) {\n        nodes { id value { amount currency } transactionRequest { id description } }\n      }\n    }\n  }\n": types.OpenChallengesDocument,
    "\n  subscription FollowChallenges($after: Cursor) {\n    challengeEvents(after: $after) {\n      cursor\n      type\n      challengeId\n      challenge { id value { amount currency } transactionRequest { id description } }\n    }\n  }\n": types.FollowChallengesDocument,
    "\n  mutation Pay($input: CreateTransactionRequestInput!) {\n    createTransactionRequest(input: $input) {\n      __typename\n      ... on CreateTransactionRequestSuccess { id status }\n      ... on Rejection { code message correlationId }\n    }\n  }\n": types.PayDocument,
    "\n  query CustomerOverview($bankId: String!, $customerNumber: String!) {\n    customerOverview(bankId: $bankId, customerNumber: $customerNumber) {\n      customerNumber\n      legalName\n      kycStatus\n      kycDocuments(first: 5) { totalCount nodes { id type reviewStatus expiresOn } }\n      accounts { nodes { id label iban balance { amount currency } } }\n    }\n  }\n": types.CustomerOverviewDocument,
    "\n  query CustomersPage($bankId: String!, $first: Int!, $after: Cursor) {\n    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME }) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes { id legalName kycStatus }\n    }\n  }\n": types.CustomersPageDocument,
    "\n  mutation GiveRole($input: CreateEntitlementInput!) {\n    createEntitlement(input: $input) {\n      __typename\n      ... on CreateEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n      ... on ValidationRejection { fieldErrors { path message } }\n      ... on ForbiddenRejection { missingRoles { role bankId } }\n    }\n  }\n": types.GiveRoleDocument,
    "\n  mutation TakeRole($input: DeleteEntitlementInput!) {\n    deleteEntitlement(input: $input) {\n      __typename\n      ... on DeleteEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n    }\n  }\n": types.TakeRoleDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OpenChallenges {\n    eventHeads { challenges }\n    viewer {\n      challenges(filter: { status: [OPEN] }, first: 50) {\n        nodes { id value { amount currency } transactionRequest { id description } }\n      }\n    }\n  }\n"): (typeof documents)["\n  query OpenChallenges {\n    eventHeads { challenges }\n    viewer {\n      challenges(filter: { status: [OPEN] }, first: 50) {\n        nodes { id value { amount currency } transactionRequest { id description } }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowChallenges($after: Cursor) {\n    challengeEvents(after: $after) {\n      cursor\n      type\n      challengeId\n      challenge { id value { amount currency } transactionRequest { id description } }\n    }\n  }\n"): (typeof documents)["\n  subscription FollowChallenges($after: Cursor) {\n    challengeEvents(after: $after) {\n      cursor\n      type\n      challengeId\n      challenge { id value { amount currency } transactionRequest { id description } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Pay($input: CreateTransactionRequestInput!) {\n    createTransactionRequest(input: $input) {\n      __typename\n      ... on CreateTransactionRequestSuccess { id status }\n      ... on Rejection { code message correlationId }\n    }\n  }\n"): (typeof documents)["\n  mutation Pay($input: CreateTransactionRequestInput!) {\n    createTransactionRequest(input: $input) {\n      __typename\n      ... on CreateTransactionRequestSuccess { id status }\n      ... on Rejection { code message correlationId }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CustomerOverview($bankId: String!, $customerNumber: String!) {\n    customerOverview(bankId: $bankId, customerNumber: $customerNumber) {\n      customerNumber\n      legalName\n      kycStatus\n      kycDocuments(first: 5) { totalCount nodes { id type reviewStatus expiresOn } }\n      accounts { nodes { id label iban balance { amount currency } } }\n    }\n  }\n"): (typeof documents)["\n  query CustomerOverview($bankId: String!, $customerNumber: String!) {\n    customerOverview(bankId: $bankId, customerNumber: $customerNumber) {\n      customerNumber\n      legalName\n      kycStatus\n      kycDocuments(first: 5) { totalCount nodes { id type reviewStatus expiresOn } }\n      accounts { nodes { id label iban balance { amount currency } } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CustomersPage($bankId: String!, $first: Int!, $after: Cursor) {\n    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME }) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes { id legalName kycStatus }\n    }\n  }\n"): (typeof documents)["\n  query CustomersPage($bankId: String!, $first: Int!, $after: Cursor) {\n    customers(bankId: $bankId, first: $first, after: $after, orderBy: { field: LEGAL_NAME }) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes { id legalName kycStatus }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation GiveRole($input: CreateEntitlementInput!) {\n    createEntitlement(input: $input) {\n      __typename\n      ... on CreateEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n      ... on ValidationRejection { fieldErrors { path message } }\n      ... on ForbiddenRejection { missingRoles { role bankId } }\n    }\n  }\n"): (typeof documents)["\n  mutation GiveRole($input: CreateEntitlementInput!) {\n    createEntitlement(input: $input) {\n      __typename\n      ... on CreateEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n      ... on ValidationRejection { fieldErrors { path message } }\n      ... on ForbiddenRejection { missingRoles { role bankId } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TakeRole($input: DeleteEntitlementInput!) {\n    deleteEntitlement(input: $input) {\n      __typename\n      ... on DeleteEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n    }\n  }\n"): (typeof documents)["\n  mutation TakeRole($input: DeleteEntitlementInput!) {\n    deleteEntitlement(input: $input) {\n      __typename\n      ... on DeleteEntitlementSuccess { entitlement { id role bankId } }\n      ... on Rejection { code message correlationId }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;