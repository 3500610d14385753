-- A document is one piece of evidence: OBP's KYC document and KYCAID's document are one row here.

-- +goose Up
CREATE TABLE kyc_document (
    kyc_document_id uuid NOT NULL,
    bank_id         text COLLATE "C" NOT NULL,
    customer_id     uuid NOT NULL,
    type            text NOT NULL,
    number          text,
    issued_on       date,
    issue_place     text,
    expires_on      date,
    provider        text NOT NULL DEFAULT 'MANUAL',
    review_status   text NOT NULL DEFAULT 'NEW',
    decline_reasons text[] NOT NULL DEFAULT '{}',
    comment         text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_document_pkey PRIMARY KEY (kyc_document_id, bank_id),
    CONSTRAINT kyc_document_of_customer_once UNIQUE (kyc_document_id, bank_id, customer_id),
    CONSTRAINT kyc_document_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT kyc_document_type_length CHECK (length(type) BETWEEN 1 AND 50),
    CONSTRAINT kyc_document_number_length CHECK (length(number) <= 50),
    CONSTRAINT kyc_document_issue_place_length CHECK (length(issue_place) <= 512),
    CONSTRAINT kyc_document_expires_after_issue CHECK (expires_on >= issued_on),
    CONSTRAINT kyc_document_provider_length CHECK (length(provider) BETWEEN 1 AND 32),
    CONSTRAINT kyc_document_review_status_known CHECK (review_status IN ('NEW', 'VALID', 'INVALID')),
    CONSTRAINT kyc_document_decline_reasons_fit CHECK ((review_status = 'INVALID') = (cardinality(decline_reasons) > 0)),
    CONSTRAINT kyc_document_comment_length CHECK (length(comment) <= 1000)
);
CREATE INDEX kyc_document_of_customer ON kyc_document (customer_id, bank_id, created_at, kyc_document_id);
