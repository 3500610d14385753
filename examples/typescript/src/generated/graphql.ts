/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What happened to a challenge. New ones may come. */
export type ChallengeEventType =
  /** It was answered rightly. */
  | 'ANSWERED'
  /** The request ended, or went on without it. */
  | 'CANCELLED'
  /** Somebody is asked. */
  | 'CREATED'
  /** Nobody answered in time. */
  | 'EXPIRED'
  /** All its attempts are used up. */
  | 'FAILED'
  /** Nothing happened: the stream lives, and its cursor moves. */
  | 'HEARTBEAT'
  /** Another code was sent; the one before is void. */
  | 'RESENT';

/** Who bears the charge of a payment. OBP: `charge_policy`. */
export type ChargePolicy =
  /** The payee, all of it. */
  | 'RECEIVER'
  /** The payer, all of it. */
  | 'SENDER'
  /** Payer and payee, each their own bank's. */
  | 'SHARED';

/** Which role to give to whom. */
export type CreateEntitlementInput = {
  /** The bank; absent for a role that is held system-wide. */
  bankId?: string | null | undefined;
  /** The role, in OBP's spelling. */
  role: string;
  /** The user, `usr_…`. */
  userId: string;
};

/** A payment to make. */
export type CreateTransactionRequestInput = {
  /** The account that pays, `acc_…`; with `payee.refund.to` the one that receives. */
  accountId: string;
  /** The bank that keeps the account. */
  bankId: string;
  /** Who bears the charge; as the bank has it when absent. For `counterparty`, `sepa` and `simple`; the others have one of their own. OBP: `charge_policy`. */
  chargePolicy?: ChargePolicy | null | undefined;
  /** What the payer and the payee read, at most 2000 characters. OBP: `description`. */
  description?: string;
  /**
   * The day on which it is paid, from midnight in UTC on: after today, and within a year. Not for `card` and `refund`, and not for a payee in another currency, since nobody knows
   * the rate of that day. OBP: `future_date`.
   */
  futureDate?: string | null | undefined;
  /**
   * A text that you make up for this payment, and send again when you do not know what became of it: 1 to 255 visible characters of ASCII. It counts for you and this account, for a week
   * at least. A request that was refused does not use it up.
   */
  idempotencyKey: string;
  /** Who gets it. */
  payee: PayeeInput;
  /** How much, in the currency of the account that pays. OBP: `value`. */
  value: MoneyInput;
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

/** An amount of money, as an input. */
export type MoneyInput = {
  /** How much: at most as many decimals as the currency has in ISO 4217. */
  amount: string;
  /** In which currency. */
  currency: string;
};

/** An account of this server. */
export type PayeeAccountInput = {
  /** The account, `acc_…`. */
  accountId: string;
  /** The bank that keeps it. */
  bankId: string;
};

/**
 * A payment card of the account, and whom it pays. When anything of the card is not right, the refusal does not say what. After five wrong ones in a day, in UTC, no card is taken at the
 * account on that day, in the same words; a right one before that begins the count anew.
 */
export type PayeeCardInput = {
  /** The brand, such as `Visa`. OBP: `brand`. */
  brand: string;
  /** The number, without spaces. Kept are its last four digits and a keyed hash. OBP: `card_number`. */
  cardNumber: string;
  /** The counterparty, `cpt_…`. */
  counterpartyId: string;
  /** The check value on the card. It is not kept, so that another one under the same `idempotencyKey` is the same input. OBP: `cvv`. */
  cvv: string;
  /** The month in which it expires, 1 to 12. OBP: `expiry_month`. */
  expiryMonth: number;
  /** The year of that month, such as 2030. OBP: `expiry_year`. */
  expiryYear: number;
  /** OBP: `name_on_card`. */
  nameOnCard: string;
};

/** A counterparty of the account. */
export type PayeeCounterpartyInput = {
  /** The counterparty, `cpt_…`. */
  counterpartyId: string;
};

/** Who gets the money: the field says how the payee is named, which is the type of the request. */
export type PayeeInput =
  {   /** An account of this server. OBP: ACCOUNT. */
  account: PayeeAccountInput; accountOtp?: never; card?: never; counterparty?: never; freeForm?: never; refund?: never; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never;   /** An account of this server; with terms of its own. OBP: ACCOUNT_OTP. */
  accountOtp: PayeeAccountInput; card?: never; counterparty?: never; freeForm?: never; refund?: never; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never;   /** A counterparty that is a beneficiary, by a payment card of the account. OBP: CARD. */
  card: PayeeCardInput; counterparty?: never; freeForm?: never; refund?: never; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never;   /** A counterparty of the account that is a beneficiary. OBP: COUNTERPARTY. */
  counterparty: PayeeCounterpartyInput; freeForm?: never; refund?: never; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never; counterparty?: never;   /** What the bank's staff makes of it: the money goes to the bank's settlement account. Only true makes sense. With CanCreateAnyTransactionRequest. OBP: FREE_FORM. */
  freeForm: boolean; refund?: never; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never; counterparty?: never; freeForm?: never;   /** Somebody gets back what a transaction moved. OBP: REFUND. */
  refund: PayeeRefundInput; sandboxTan?: never; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never; counterparty?: never; freeForm?: never; refund?: never;   /** An account of this server, as in OBP's sandbox. OBP: SANDBOX_TAN. */
  sandboxTan: PayeeAccountInput; sepa?: never; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never; counterparty?: never; freeForm?: never; refund?: never; sandboxTan?: never;   /** An IBAN. OBP: SEPA. */
  sepa: PayeeSepaInput; simple?: never; }
  |  { account?: never; accountOtp?: never; card?: never; counterparty?: never; freeForm?: never; refund?: never; sandboxTan?: never; sepa?: never;   /** Any address of an account; it becomes a counterparty of the account that pays, unless that has one with the same address. OBP: SIMPLE. */
  simple: PayeeSimpleInput; };

/** What is given back. Exactly one of `from` and `to` is there. */
export type PayeeRefundInput = {
  /** Who once paid the account is paid back: a counterparty, `cpt_…`; for what came from outside, the one with which it was written. OBP: `from`. */
  from?: string | null | undefined;
  /** Why, at most 64 characters on one line. OBP: `refund.reason_code`. */
  reasonCode: string;
  /**
   * Who was once paid by the account is asked to pay back, and has to approve. When it cannot, the refusal is the same whatever the reason is: nothing is told of the other account.
   * OBP: `to`.
   */
  to?: PayeeRefundToInput | null | undefined;
  /** The transaction, `txn_…`: all its refunds together are at most what its payee got. OBP: `refund.transaction_id`. */
  transactionId: string;
};

/** Who is asked to pay back. */
export type PayeeRefundToInput =
  {   /** An account of this server. */
  account: PayeeAccountInput; counterpartyId?: never; }
  |  { account?: never;   /** A counterparty whose account is at this server, `cpt_…`. */
  counterpartyId: string; };

/**
 * An IBAN. The account at the payer's bank that has it is paid; else the account's own counterparty that has it; else the money leaves with the IBAN and the name as they are given. Accounts of
 * other banks are not looked for. Whose the IBAN is is not told: an account that the caller does not see looks like one outside, unless it has another currency, which `creditedValue` tells.
 */
export type PayeeSepaInput = {
  /** The IBAN. */
  iban: string;
  /** The payee's name, at most 70 characters on one line; needed unless the account has a counterparty with this IBAN, or the IBAN is of an account that the caller sees. */
  name?: string | null | undefined;
};

/** An address of an account. */
export type PayeeSimpleInput = {
  /** The account: an `IBAN`, or another scheme and then `bankRouting`, too. */
  accountRouting: RoutingInput;
  /** Another address of the same account. */
  accountSecondaryRouting?: RoutingInput | null | undefined;
  /** Its bank. */
  bankRouting?: RoutingInput | null | undefined;
  /** The branch of its bank. */
  branchRouting?: RoutingInput | null | undefined;
  /** What else is to be known of the payee, at most 140 characters on one line. */
  description?: string | null | undefined;
  /** The payee's name, at most 70 characters on one line. */
  name: string;
};

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

/** A way to address an account, a bank or a branch. */
export type RoutingInput = {
  /** At most 128 printable characters of ASCII, without blanks at the ends. An `IBAN` and a `BIC` must be right, without spaces. */
  address: string;
  /** At most 32 of 0-9 a-z A-Z - . _, such as `IBAN`, `AccountNumber`, `BIC` or `OBP`; well-known ones in this spelling only. */
  scheme: string;
};

/** Where a transaction request stands, in OBP's words. */
export type TransactionRequestStatus =
  /** Whoever made it took it back. */
  | 'CANCELLED'
  /** It is paid. */
  | 'COMPLETED'
  /** It could not be paid. */
  | 'FAILED'
  /** The money is reserved, and somebody has to answer a challenge. */
  | 'INITIATED'
  /** The money is reserved; somebody has answered, and others have to. */
  | 'NEXT_CHALLENGE_PENDING'
  /** It waits for its day. */
  | 'PENDING'
  /** Somebody who was asked said no. */
  | 'REJECTED';

export type OpenChallengesQueryVariables = Exact<{ [key: string]: never; }>;


export type OpenChallengesQuery = { eventHeads: { challenges: string | null } | null, viewer: { challenges: { nodes: Array<{ id: string, value: { amount: string, currency: string }, transactionRequest: { id: string, description: string } | null }> } | null } | null };

export type FollowChallengesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FollowChallengesSubscription = { challengeEvents: { cursor: string, type: ChallengeEventType, challengeId: string | null, challenge: { id: string, value: { amount: string, currency: string }, transactionRequest: { id: string, description: string } | null } | null } };

export type PayMutationVariables = Exact<{
  input: CreateTransactionRequestInput;
}>;


export type PayMutation = { createTransactionRequest:
    | { __typename: 'CreateTransactionRequestSuccess', id: string, status: TransactionRequestStatus }
    | { __typename: 'ForbiddenRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'IdempotencyConflictRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'InsufficientFundsRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'InvalidStateRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'LimitExceededRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'NotFoundRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'PolicyRejection', code: RejectionCode, message: string, correlationId: string }
    | { __typename: 'ValidationRejection', code: RejectionCode, message: string, correlationId: string }
   };

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


export const OpenChallengesDocument = {"__meta__":{"hash":"sha256:c4dba979afe675e144a9cc538f07ca7caa4e592108af1a984221b5c18cf6b67d"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OpenChallenges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventHeads"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"challenges"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"challenges"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"OPEN"}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"value"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"transactionRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<OpenChallengesQuery, OpenChallengesQueryVariables>;
export const FollowChallengesDocument = {"__meta__":{"hash":"sha256:3d73f5dea80501e9fa34abc568c4c654c968024580a72db67b415fe6fc668492"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowChallenges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"challengeEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"challengeId"}},{"kind":"Field","name":{"kind":"Name","value":"challenge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"value"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"transactionRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}}]}}]}}]}}]} as unknown as DocumentNode<FollowChallengesSubscription, FollowChallengesSubscriptionVariables>;
export const PayDocument = {"__meta__":{"hash":"sha256:8b93b7a65ac427e16a80f2ffad820c97721c52a5aaff64e1ac12c9b34d502d41"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Pay"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateTransactionRequestInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createTransactionRequest"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateTransactionRequestSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<PayMutation, PayMutationVariables>;
export const CustomerOverviewDocument = {"__meta__":{"hash":"sha256:66f54be9eb53c90246c74095b51771595d654cb1cd4d09deb34955a92d3bb9b2"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CustomerOverview"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customerNumber"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerOverview"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"bankId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}}},{"kind":"Argument","name":{"kind":"Name","value":"customerNumber"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customerNumber"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerNumber"}},{"kind":"Field","name":{"kind":"Name","value":"legalName"}},{"kind":"Field","name":{"kind":"Name","value":"kycStatus"}},{"kind":"Field","name":{"kind":"Name","value":"kycDocuments"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"reviewStatus"}},{"kind":"Field","name":{"kind":"Name","value":"expiresOn"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"accounts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"iban"}},{"kind":"Field","name":{"kind":"Name","value":"balance"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<CustomerOverviewQuery, CustomerOverviewQueryVariables>;
export const CustomersPageDocument = {"__meta__":{"hash":"sha256:5604a6ae7974b1bdb616539e1536dc72566bf67e7e45567398aa9ee68f62248a"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CustomersPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"bankId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"bankId"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"field"},"value":{"kind":"EnumValue","value":"LEGAL_NAME"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"legalName"}},{"kind":"Field","name":{"kind":"Name","value":"kycStatus"}}]}}]}}]}}]} as unknown as DocumentNode<CustomersPageQuery, CustomersPageQueryVariables>;
export const GiveRoleDocument = {"__meta__":{"hash":"sha256:4ce80fb25bdaefc10d4d36b66f4adcb80d8d8d47529ad355b0de07304a2f823e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"GiveRole"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateEntitlementInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createEntitlement"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateEntitlementSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationRejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ForbiddenRejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"missingRoles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}}]}}]}}]} as unknown as DocumentNode<GiveRoleMutation, GiveRoleMutationVariables>;
export const TakeRoleDocument = {"__meta__":{"hash":"sha256:5c6af647f40e8cae7bb2b2cdbdb842bafed6a39eee4b11c97d221b025e49ea0e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TakeRole"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteEntitlementInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteEntitlement"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteEntitlementSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"bankId"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<TakeRoleMutation, TakeRoleMutationVariables>;