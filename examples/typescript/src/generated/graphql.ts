/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Which role to give to whom. */
export type CreateEntitlementInput = {
  /** The bank; absent for a role that is held system-wide. */
  bankId?: string | null | undefined;
  /** The role, in OBP's spelling. */
  role: string;
  /** The user, `usr_…`. */
  userId: string;
};

/** Which role to take. */
export type DeleteEntitlementInput = {
  /** The entitlement, `ent_…`. */
  id: string;
};

/**
 * What a document is, in KYCAID's words. KYCAID also names a selfie with a card, a selfie with a document, and a video, for which nobody confirms the
 * words: they are not here.
 */
export type KycDocumentType =
  /** Proof of an address. */
  | 'ADDRESS_DOCUMENT'
  /** Who may act for a company. */
  | 'AUTHORISED_PERSON'
  /** A bank statement. */
  | 'BANK_STATEMENT'
  /** Where a company has its seat. */
  | 'COMPANY_LEGAL_ADDRESS'
  /** Who owns a company. */
  | 'COMPANY_OWNERSHIP'
  /** A passport for use at home. */
  | 'DOMESTIC_PASSPORT'
  /** A driving licence. */
  | 'DRIVERS_LICENSE'
  /** Proof of funds. */
  | 'FINANCIAL_DOCUMENT'
  /** The passport of a foreign citizen. */
  | 'FOREIGN_CITIZEN_PASSPORT'
  /** An identity card. */
  | 'GOVERNMENT_ID'
  /** A passport. */
  | 'PASSPORT'
  /** A payment card. KYCAID: CREDIT_CARD. */
  | 'PAYMENT_CARD'
  /** A permit to stay. */
  | 'PERMANENT_RESIDENCE_PERMIT'
  /** A refugee's card. */
  | 'REFUGEE_CARD'
  /** That a company is registered. */
  | 'REGISTRATION_COMPANY'
  /** A picture that the customer took of their own face. */
  | 'SELFIE_IMAGE'
  /** A tax number. */
  | 'TAX_ID_NUMBER';

/** What the review of a document said. */
export type KycReviewStatus =
  /** Declined, for the reasons given. */
  | 'INVALID'
  /** Not reviewed yet. */
  | 'NEW'
  /** Accepted. */
  | 'VALID';

/** What the KYC timeline of a customer says today. */
export type KycState =
  /** No decision was ever recorded. */
  | 'NONE'
  /** The newest decision is negative. */
  | 'NOT_OK'
  /** The newest decision is positive. */
  | 'OK';

/** What a client can do about a rejection: one value a type. */
export type RejectionCode =
  /** Ask for a new challenge: `ChallengeExpiredRejection`. */
  | 'CHALLENGE_EXPIRED'
  /** Answer again: `ChallengeFailedRejection`. */
  | 'CHALLENGE_FAILED'
  /** Ask for a role or a view: `ForbiddenRejection`. */
  | 'FORBIDDEN'
  /** Use a new key: `IdempotencyConflictRejection`. */
  | 'IDEMPOTENCY_CONFLICT'
  /** Pay less, or pay in first: `InsufficientFundsRejection`. */
  | 'INSUFFICIENT_FUNDS'
  /** Look at it again: `InvalidStateRejection`. */
  | 'INVALID_STATE'
  /** Do less, or wait: `LimitExceededRejection`. */
  | 'LIMIT_EXCEEDED'
  /** Pick something else: `NotFoundRejection`. */
  | 'NOT_FOUND'
  /** Read the message: `PolicyRejection`. */
  | 'POLICY'
  /** Mark fields: `ValidationRejection`. */
  | 'VALIDATION'
  /** Read it again, and decide anew: `VersionConflictRejection`. */
  | 'VERSION_CONFLICT';

export type CustomerOverviewQueryVariables = Exact<{
  bankId: string;
  customerNumber: string;
}>;


export type CustomerOverviewQuery = { customerOverview: { customerNumber: string, legalName: string, kycStatus: KycState | null, kycDocuments: { totalCount: number, nodes: Array<{ id: string, type: KycDocumentType, reviewStatus: KycReviewStatus, expiresOn: string | null }> } | null, accounts: { nodes: Array<{ id: string, label: string, iban: string | null, balance: { amount: string, currency: string } | null }> } | null } | null };

export type CustomersPageQueryVariables = Exact<{
  bankId: string;
  first: number;
  after?: string | null | undefined;
}>;


export type CustomersPageQuery = { customers: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, legalName: string, kycStatus: KycState | null }> } };

export type GiveRoleMutationVariables = Exact<{
  input: CreateEntitlementInput;
}>;


export type GiveRoleMutation = { createEntitlement:
    | { __typename: 'CreateEntitlementSuccess', entitlement: { id: string, role: string, bankId: string | null } }
    | { __typename: 'ForbiddenRejection', code: RejectionCode, message: string, correlationId: string, missingRoles: Array<{ role: string, bankId: string | null }> }
    | { __typename: 'InvalidStateRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'NotFoundRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'PolicyRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'ValidationRejection', code: RejectionCode, message: string, correlationId: string, fieldErrors: Array<{ path: Array<string>, message: string }> }
   };

export type TakeRoleMutationVariables = Exact<{
  input: DeleteEntitlementInput;
}>;


export type TakeRoleMutation = { deleteEntitlement:
    | { __typename: 'DeleteEntitlementSuccess', entitlement: { id: string, role: string, bankId: string | null } }
    | { __typename: 'ForbiddenRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'NotFoundRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'PolicyRejection', code: RejectionCode, message: string, correlationId: string }
   };


export const CustomerOverviewDocument = {"__meta__":{"hash":"sha256:66f54be9eb53c90246c74095b51771595d654cb1cd4d09deb34955a92d3bb9b2"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CustomerOverview"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customerNumber"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerOverview"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"bankId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}}},{"kind":"Argument","name":{"kind":"Name","value":"customerNumber"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customerNumber"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerNumber"}},{"kind":"Field","name":{"kind":"Name","value":"legalName"}},{"kind":"Field","name":{"kind":"Name","value":"kycStatus"}},{"kind":"Field","name":{"kind":"Name","value":"kycDocuments"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"reviewStatus"}},{"kind":"Field","name":{"kind":"Name","value":"expiresOn"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"accounts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"iban"}},{"kind":"Field","name":{"kind":"Name","value":"balance"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<CustomerOverviewQuery, CustomerOverviewQueryVariables>;
export const CustomersPageDocument = {"__meta__":{"hash":"sha256:5604a6ae7974b1bdb616539e1536dc72566bf67e7e45567398aa9ee68f62248a"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CustomersPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"bankId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"field"},"value":{"kind":"EnumValue","value":"LEGAL_NAME"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"legalName"}},{"kind":"Field","name":{"kind":"Name","value":"kycStatus"}}]}}]}}]}}]} as unknown as DocumentNode<CustomersPageQuery, CustomersPageQueryVariables>;
export const GiveRoleDocument = {"__meta__":{"hash":"sha256:4ce80fb25bdaefc10d4d36b66f4adcb80d8d8d47529ad355b0de07304a2f823e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"GiveRole"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateEntitlementInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createEntitlement"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateEntitlementSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationRejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ForbiddenRejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"missingRoles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}}]}}]}}]} as unknown as DocumentNode<GiveRoleMutation, GiveRoleMutationVariables>;
export const TakeRoleDocument = {"__meta__":{"hash":"sha256:5c6af647f40e8cae7bb2b2cdbdb842bafed6a39eee4b11c97d221b025e49ea0e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TakeRole"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteEntitlementInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteEntitlement"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteEntitlementSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<TakeRoleMutation, TakeRoleMutationVariables>;