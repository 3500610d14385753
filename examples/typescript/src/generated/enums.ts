/** How to read the value of an attribute. */
export type AttributeType =
  /** A day, `2026-01-31`. */
  | 'DATE_WITH_DAY'
  /** A decimal number with at most 18 digits before and 8 after the point, without exponent. */
  | 'DOUBLE'
  /** A whole number of at most 18 digits. */
  | 'INTEGER'
  /** A text. */
  | 'STRING';

/** What came of an attempt to change something. */
export type AuditOutcome =
  /** The caller lacked a role or a view, or named what is not there for them. */
  | 'DENIED'
  /** It was done. */
  | 'DONE'
  /** The caller had asked for too much in too short a time. */
  | 'LIMITED';

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

/** By which way the code of a challenge comes. OBP: `OTP_INSTRUCTION_TRANSPORT`. */
export type ChallengeMethod =
  /** The code is always 123: for development and demonstrations only. */
  | 'DUMMY'
  /** By e-mail, to the user's address. */
  | 'EMAIL'
  /** By text message, to the user's phone number. */
  | 'SMS';

/** Where a challenge stands. */
export type ChallengeStatus =
  /** It was answered rightly. */
  | 'ANSWERED'
  /** The request ended, or went on without it. */
  | 'CANCELLED'
  /** Nobody answered in time. */
  | 'EXPIRED'
  /** All its attempts are used up. */
  | 'FAILED'
  /** It waits for an answer. */
  | 'OPEN';

/** Who bears the charge of a payment. OBP: `charge_policy`. */
export type ChargePolicy =
  /** The payee, all of it. */
  | 'RECEIVER'
  /** The payer, all of it. */
  | 'SENDER'
  /** Payer and payee, each their own bank's. */
  | 'SHARED';

/** What customers can be sorted by; equal ones by their identifiers. */
export type CustomerOrderField =
  /**
   * When the oldest document came that nobody has reviewed. Customers without such a document come last either way, by when the row was made. With
   * CanGetAnyKycDocuments, and only customers of banks where the caller holds it.
   */
  | 'AWAITING_REVIEW_SINCE'
  /** When the row was made. */
  | 'CREATED_AT'
  /** The number, by code points. */
  | 'CUSTOMER_NUMBER'
  /** What the KYC timeline says, in the order of `KycState`; those in the same state by when the newest decision was made. */
  | 'KYC_STATUS'
  /** When the newest decision of the KYC timeline was made. Customers without one come last either way, by when the row was made. */
  | 'KYC_STATUS_SINCE'
  /** The name in law, by code points. */
  | 'LEGAL_NAME'
  /**
   * The first day on which a document expires that was accepted or waits for review, of the days of the filter `documentsExpiring`, and without it from
   * today (UTC) on. Customers without such a document come last either way, by when the row was made. With CanGetAnyKycDocuments, and only customers of
   * banks where the caller holds it.
   */
  | 'NEXT_EXPIRY';

/** The values of `extensions.code` in the `errors` of an answer: all that is no outcome of business. */
export type ErrorCode =
  /** An argument is not as it must be; the message names it. OBP-10001. */
  | 'BAD_USER_INPUT'
  /** What came after the cursor of a subscription is not known any more: read anew what there is, with `eventHeads` in the same request, and follow from there. */
  | 'CURSOR_EXPIRED'
  /** The caller lacks a role; `extensions.missingRoles` names those of which one would do. OBP-20006. */
  | 'FORBIDDEN'
  /** The request is larger than the server takes: longer, deeper, wider, with more aliases, or dearer. */
  | 'GRAPHQL_LIMIT_EXCEEDED'
  /** The document is no GraphQL. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit the schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** A fault of the server; `extensions.correlationId` finds it in the log. OBP-50000. */
  | 'INTERNAL'
  /** The server does not know the document that was asked for by its hash: send the hash and the document. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** You have spent your budget; `extensions.retryAfterMs` and the header Retry-After say when to try again. OBP-10018. */
  | 'RATE_LIMITED'
  /** Events came faster than they were read: subscribe again after the last cursor, nothing is lost. */
  | 'SLOW_CONSUMER'
  /** The request took too long and was ended. */
  | 'TIMEOUT'
  /** No login, or one that does not hold. OBP-20001. */
  | 'UNAUTHENTICATED'
  /** The database, or the mail server or the store of files that is needed for this, is not there at the moment: try again. */
  | 'UPSTREAM_UNAVAILABLE';

/** What can happen at a bank. */
export type EventKind =
  /** A challenge was answered rightly. */
  | 'CHALLENGE_ANSWERED'
  /** A challenge ended with its transaction request. */
  | 'CHALLENGE_CANCELLED'
  /** A challenge was raised: somebody is to approve a payment. */
  | 'CHALLENGE_CREATED'
  /** Nobody answered a challenge in time. */
  | 'CHALLENGE_EXPIRED'
  /** All attempts at a challenge are used up. */
  | 'CHALLENGE_FAILED'
  /** A new code of a challenge was sent. */
  | 'CHALLENGE_RESENT'
  /** Something was decided on the KYC status of a customer. */
  | 'KYC_STATUS_ADDED'
  /** A transaction request was cancelled. */
  | 'REQUEST_CANCELLED'
  /** A transaction request was paid. */
  | 'REQUEST_COMPLETED'
  /** A transaction request failed. */
  | 'REQUEST_FAILED'
  /** A transaction request was made, and waits for its approval. */
  | 'REQUEST_INITIATED'
  /** A transaction request was approved by some, and waits for others. */
  | 'REQUEST_NEXT_CHALLENGE_PENDING'
  /** A transaction request waits for its day. */
  | 'REQUEST_PENDING'
  /** A transaction request was rejected. */
  | 'REQUEST_REJECTED';

/** What becomes of the other customers of an import when one cannot be made. */
export type ImportMode =
  /** No customer is made: a `ValidationRejection` tells all that is wrong with all of them. */
  | 'REJECT_ALL'
  /** The others are made, and the success tells what is wrong with this one. */
  | 'SKIP_FAILED';

/** What somebody is invited for. */
export type InvitationPurpose =
  /** To be a customer of the bank. */
  | 'CUSTOMER'
  /** To build applications on the bank's services. */
  | 'DEVELOPER';

/** How far an invitation came. */
export type InvitationStatus =
  /** It was used. */
  | 'ACCEPTED'
  /** The mail was sent; it can be used until `usableUntil`. */
  | 'CREATED';

/** How much people have a year. */
export type KycAnnualIncome =
  /** More than 300 000 EUR. KYCAID: ANNUAL_INCOME_GROUP_4. */
  | 'ABOVE_THREE_HUNDRED_THOUSAND'
  /** Less than 50 000 EUR. KYCAID: ANNUAL_INCOME_GROUP_1. */
  | 'BELOW_FIFTY_THOUSAND'
  /** 50 000 to 100 000 EUR. KYCAID: ANNUAL_INCOME_GROUP_2. */
  | 'FIFTY_TO_HUNDRED_THOUSAND'
  /** 100 000 to 300 000 EUR. KYCAID: ANNUAL_INCOME_GROUP_3. */
  | 'HUNDRED_TO_THREE_HUNDRED_THOUSAND';

/** The types of the group COMPANY_PAPERS. */
export type KycCompanyPapersType =
  /** Who may act for a company. */
  | 'AUTHORISED_PERSON'
  /** Where a company has its seat. */
  | 'COMPANY_LEGAL_ADDRESS'
  /** Who owns a company. */
  | 'COMPANY_OWNERSHIP'
  /** That a company is registered. */
  | 'REGISTRATION_COMPANY';

/** Why a document was declined, in KYCAID's words. */
export type KycDeclineReason =
  /** Too young; 4. */
  | 'AGE_RESTRICTION'
  /** From an anonymizing network; 35. */
  | 'ANONYMIZING_NETWORK'
  /** It cannot be read; 7. */
  | 'BAD_QUALITY'
  /** The person is compromised; 29. */
  | 'COMPROMISED_PERSON'
  /** The customer was forced; 32. */
  | 'COMPULSION'
  /** The faces differ; 12. */
  | 'DIFFERENT_FACES'
  /** It is damaged; 25. */
  | 'DOCUMENT_DAMAGED'
  /** A part is missing; 26. */
  | 'DOCUMENT_INCOMPLETE'
  /** It was given before; 24. */
  | 'DUPLICATE'
  /** It was edited; 30. */
  | 'EDITED_DOCUMENT'
  /** It has expired; 5. */
  | 'EXPIRED_DOCUMENT'
  /** It is a fake; 8. */
  | 'FAKE_DOCUMENT'
  /** The customer deceives; 27. */
  | 'FRAUDULENT'
  /** The network address does not fit; 34. */
  | 'IP_MISMATCH'
  /** Too many one-time codes; 33. */
  | 'LIMIT_REACHED_OTP'
  /** More than one person is seen; 31. */
  | 'MULTIPLE_PERSON'
  /** The selfie is missing; 11. */
  | 'NO_SELFIE'
  /** Another reason; KYCAID's number 1. */
  | 'OTHER'
  /** From a country that the bank does not serve; 10. */
  | 'PROHIBITED_JURISDICTION'
  /** The electronic signature does not fit; 36. */
  | 'QES_MISMATCH'
  /** The tax number is missing; 28. */
  | 'TAX_ID_REQUIRED'
  /** The birth date differs; 3. */
  | 'WRONG_DOB'
  /** It is another document than asked for; 13. */
  | 'WRONG_DOCUMENT'
  /** Its data are wrong; 9. */
  | 'WRONG_INFO'
  /** The name differs; 2. */
  | 'WRONG_NAME';

/** The groups of document types, and what their documents can have. Papers have number, additionalNumber, issuedOn, issuePlace, issuingAuthority, expiresOn. */
export type KycDocumentGroup =
  /** An address: a paper. */
  | 'ADDRESS'
  /** Who a company is: a paper. */
  | 'COMPANY_PAPERS'
  /** Who a person is: a paper. */
  | 'IDENTITY'
  /** A card: expiresOn, accountNumber, paymentCard. */
  | 'PAYMENT_CARD'
  /** Where money comes from: a paper, with accountNumber and proofOfFunds. */
  | 'PROOF_OF_FUNDS'
  /** A picture of a face: issuedOn, the day when it was taken. */
  | 'SELFIE'
  /** A tax number: a paper. */
  | 'TAX_ID';

/** Where a document came from, in KYCAID's words. */
export type KycDocumentProvider =
  /** A member of staff. */
  | 'ADMIN'
  /** India's Aadhaar. */
  | 'IN_AADHAAR'
  /** Kazakhstan's Adata. */
  | 'KZ_ADATA'
  /** The customer, by form or through the interface. */
  | 'MANUAL'
  /** Read from a scan by machine. */
  | 'RECOGNITION'
  /** Ukraine's BankID. */
  | 'UA_BANK_ID'
  /** Ukraine's Diia. */
  | 'UA_DIIA';

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

/** Whether a file is there. */
export type KycFileState =
  /** Nothing was uploaded yet, or not to its end. */
  | 'AWAITING_UPLOAD'
  /** It is there, whole. */
  | 'COMPLETE';

/** The types of the group IDENTITY. */
export type KycIdentityType =
  /** A passport for use at home. */
  | 'DOMESTIC_PASSPORT'
  /** A driving licence. */
  | 'DRIVERS_LICENSE'
  /** The passport of a foreign citizen. */
  | 'FOREIGN_CITIZEN_PASSPORT'
  /** An identity card. */
  | 'GOVERNMENT_ID'
  /** A passport. */
  | 'PASSPORT'
  /** A permit to stay. */
  | 'PERMANENT_RESIDENCE_PERMIT'
  /** A refugee's card. */
  | 'REFUGEE_CARD';

/** What people live on, in KYCAID's words. */
export type KycIncomeSource =
  /** Shares of profits. */
  | 'DIVIDENDS'
  /** What was settled in a divorce. */
  | 'DIVORCE_SETTLEMENTS'
  /** What somebody left them. */
  | 'INHERITANCE'
  /** Investments. */
  | 'INVESTMENTS'
  /** A loan. */
  | 'LOAN'
  /** Something else. */
  | 'OTHER'
  /** Wages. */
  | 'SALARY'
  /** The sale of property. */
  | 'SALE_PROPERTY'
  /** Savings. */
  | 'SAVINGS';

/** The types of the group PROOF_OF_FUNDS. */
export type KycProofOfFundsType =
  /** A bank statement. */
  | 'BANK_STATEMENT'
  /** Proof of funds. */
  | 'FINANCIAL_DOCUMENT';

/** What a complete KYC file has. The rule is the same for all banks. */
export type KycRequirement =
  /**
   * An accepted document that says who the customer is, and that has not expired: PASSPORT, DOMESTIC_PASSPORT, FOREIGN_CITIZEN_PASSPORT, GOVERNMENT_ID,
   * DRIVERS_LICENSE, PERMANENT_RESIDENCE_PERMIT or REFUGEE_CARD.
   */
  | 'IDENTITY_DOCUMENT'
  /** A decision on the KYC timeline, whatever it was. */
  | 'KYC_STATUS'
  /** An accepted ADDRESS_DOCUMENT that has not expired. */
  | 'PROOF_OF_ADDRESS'
  /** A last check that satisfied, not longer than 12 months ago: one before it counts no more. */
  | 'SATISFIED_CHECK';

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

/** What happened on the timeline of a customer. New ones may come. */
export type KycStatusEventType =
  /** A decision was added. */
  | 'ADDED'
  /** Nothing happened: the stream lives, and its cursor moves. */
  | 'HEARTBEAT';

/** Which way a list is sorted. */
export type OrderDirection =
  /** Smallest first. */
  | 'ASC'
  /** Largest first. */
  | 'DESC';

/** What a message tells, and by which way. */
export type OutboxMessageKind =
  /** That wrong codes were given in a user's name, by mail. */
  | 'CHALLENGE_ALERT_EMAIL'
  /** That wrong codes were given in a user's name, by text message. */
  | 'CHALLENGE_ALERT_SMS'
  /** The code of a challenge, by mail. */
  | 'CHALLENGE_CODE_EMAIL'
  /** The code of a challenge, by text message. */
  | 'CHALLENGE_CODE_SMS'
  /** That something happened at a bank, by a webhook. */
  | 'WEBHOOK';

/** Where a message stands. */
export type OutboxMessageState =
  /** It was not taken, and is not tried again. */
  | 'DEAD'
  /** A mail server, a gateway or a webhook took it. */
  | 'DELIVERED'
  /** It was ended before it left, with what it is about. */
  | 'VOID'
  /** It is to be delivered. */
  | 'WAITING';

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

/** What happened to a transaction request: but for the heartbeat, the status that it got. New ones may come. */
export type TransactionRequestEventType =
  /** Whoever made it took it back. */
  | 'CANCELLED'
  /** It is paid. */
  | 'COMPLETED'
  /** It could not be paid. */
  | 'FAILED'
  /** Nothing happened: the stream lives, and its cursor moves. */
  | 'HEARTBEAT'
  /** It was made, its money is reserved, and somebody has to answer a challenge. */
  | 'INITIATED'
  /** Somebody has answered, and others have to. */
  | 'NEXT_CHALLENGE_PENDING'
  /** It waits for its day. */
  | 'PENDING'
  /** Somebody who was asked said no. */
  | 'REJECTED';

/** What transaction requests can be sorted by; equal ones by their identifiers. */
export type TransactionRequestOrderField =
  /** The amount. */
  | 'AMOUNT'
  /** When it was made. */
  | 'STARTED_AT';

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

/** How the payee of a transaction request is named. OBP: `transaction_request_type`. */
export type TransactionRequestType =
  /** By the account. */
  | 'ACCOUNT'
  /** By the account, with a challenge of its own. */
  | 'ACCOUNT_OTP'
  /** By a counterparty, from the account of a card. */
  | 'CARD'
  /** By a counterparty of the account. */
  | 'COUNTERPARTY'
  /** By a text: it is for the bank's staff. */
  | 'FREE_FORM'
  /** By a transaction whose amount is given back. */
  | 'REFUND'
  /** By the account, as in OBP's sandbox. */
  | 'SANDBOX_TAN'
  /** By the IBAN. */
  | 'SEPA'
  /** By a routing. */
  | 'SIMPLE';
