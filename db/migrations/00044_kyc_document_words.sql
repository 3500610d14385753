-- The types and providers of documents are words that are known: the first migration bounded only how long they are.

-- +goose Up
ALTER TABLE kyc_document
    ADD CONSTRAINT kyc_document_type_known CHECK (type IN (
        'ADDRESS_DOCUMENT', 'AUTHORISED_PERSON', 'BANK_STATEMENT', 'COMPANY_LEGAL_ADDRESS', 'COMPANY_OWNERSHIP', 'DOMESTIC_PASSPORT', 'DRIVERS_LICENSE',
        'FINANCIAL_DOCUMENT', 'FOREIGN_CITIZEN_PASSPORT', 'GOVERNMENT_ID', 'PASSPORT', 'PAYMENT_CARD', 'PERMANENT_RESIDENCE_PERMIT', 'REFUGEE_CARD',
        'REGISTRATION_COMPANY', 'SELFIE_IMAGE', 'TAX_ID_NUMBER'
    )),
    ADD CONSTRAINT kyc_document_provider_known CHECK (provider IN (
        'ADMIN', 'IN_AADHAAR', 'KZ_ADATA', 'MANUAL', 'RECOGNITION', 'UA_BANK_ID', 'UA_DIIA'
    ));
